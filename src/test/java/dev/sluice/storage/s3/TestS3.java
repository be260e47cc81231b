package dev.sluice.storage.s3;

import dev.sluice.config.Secret;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.S3Object;

/** An S3 API that checks signatures, over objects in memory. Blocking; for test threads. */
public final class TestS3 implements AutoCloseable {
    public static final String ACCESS_KEY = "the-access-key";
    public static final String SECRET_KEY = "the secret key of the tests";

    private final BlobStore objects;
    private final S3Proxy proxy;
    private final String scheme;
    private final int port;

    private TestS3(BlobStore objects, S3Proxy proxy, String scheme, int port) {
        this.objects = objects;
        this.proxy = proxy;
        this.scheme = scheme;
        this.port = port;
    }

    public static TestS3 start() {
        return start(S3Proxy.builder().endpoint(URI.create("http://127.0.0.1:0")), "http");
    }

    /** The same objects once more, behind an API that knows buckets by their host, below {@code localhost}. */
    TestS3 byVirtualHost() {
        return start(
                objects,
                S3Proxy.builder().endpoint(URI.create("http://127.0.0.1:0")).virtualHost("localhost"),
                "http");
    }

    /** @param store PKCS #12 */
    static TestS3 withTls(String store, String password) {
        return start(
                S3Proxy.builder()
                        .secureEndpoint(URI.create("https://127.0.0.1:0"))
                        .keyStore(store, password),
                "https");
    }

    private static TestS3 start(S3Proxy.Builder builder, String scheme) {
        return start(new TransientNio2BlobStore(), builder, scheme);
    }

    private static TestS3 start(BlobStore objects, S3Proxy.Builder builder, String scheme) {
        S3Proxy proxy = builder.blobStore(objects)
                .awsAuthentication(AuthenticationType.AWS_V4, ACCESS_KEY, SECRET_KEY)
                .ignoreUnknownHeaders(true)
                .stopTimeout(0)
                .build();
        try {
            proxy.start();
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
        return new TestS3(objects, proxy, scheme, scheme.equals("https") ? proxy.getSecurePort() : proxy.getPort());
    }

    int port() {
        return port;
    }

    public URI endpoint() {
        return URI.create(scheme + "://127.0.0.1:" + port);
    }

    /** A new one. */
    public Bucket bucket() {
        String name = "models-" + UUID.randomUUID();
        objects.createContainer(name);
        return new Bucket(name);
    }

    /** As its owner sees it, past the API. */
    public final class Bucket {
        private final String name;

        private Bucket(String name) {
            this.name = name;
        }

        public String name() {
            return name;
        }

        public S3Config config() {
            return config(endpoint());
        }

        /** @param endpoint such as of a proxy */
        S3Config config(URI endpoint) {
            return new S3Config(
                    endpoint,
                    "eu-central-1",
                    name,
                    S3Config.Addressing.PATH,
                    new Secret(ACCESS_KEY),
                    new Secret(SECRET_KEY),
                    Optional.empty(),
                    Optional.empty(),
                    64);
        }

        public List<String> keys() {
            return objects.list(name).contents().stream().map(S3Object::key).toList();
        }

        /** Keys of uploads that were begun, and neither completed nor aborted. */
        public List<String> uploads() {
            return objects.listMultipartUploads(name).stream()
                    .map(MultipartUpload::key)
                    .toList();
        }

        public void remove(String key) {
            objects.removeBlob(name, key);
        }
    }

    @Override
    public void close() {
        try {
            proxy.stop();
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }
}
