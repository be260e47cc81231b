package dev.sluice.storage.s3;

import dev.sluice.config.Secret;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.dns.AddressResolverOptions;
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

    /** Looked at when a Vert.x begins. */
    private static final String NO_RESOLVER = "vertx.disableDnsResolver";

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

    /** It knows buckets by their host, below {@code localhost}. */
    public static TestS3 startByVirtualHost() {
        return byVirtualHost(new TransientNio2BlobStore());
    }

    /** The same objects once more, behind an API that knows buckets by their host. */
    TestS3 byVirtualHost() {
        return byVirtualHost(objects);
    }

    private static TestS3 byVirtualHost(BlobStore objects) {
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
            return config(endpoint, S3Config.Addressing.PATH);
        }

        /** By the bucket's own host, which {@link #resolving} finds. */
        public S3Config configByHost() {
            return configByHost(port);
        }

        /** @param at such as of a proxy */
        S3Config configByHost(int at) {
            return config(URI.create("http://localhost:" + at), S3Config.Addressing.VIRTUAL_HOST);
        }

        String host() {
            return name + ".localhost";
        }

        /** Finds the bucket's host, whatever the system here makes of such names: by a resolver that tests do without otherwise. */
        public Vertx resolving() {
            AddressResolverOptions hosts =
                    new AddressResolverOptions().setHostsValue(Buffer.buffer("127.0.0.1 " + host() + "\n"));
            String before = System.getProperty(NO_RESOLVER, "false");
            System.setProperty(NO_RESOLVER, "false");
            try {
                return Vertx.vertx(new VertxOptions().setAddressResolverOptions(hosts));
            } finally {
                System.setProperty(NO_RESOLVER, before);
            }
        }

        private S3Config config(URI endpoint, S3Config.Addressing addressing) {
            return new S3Config(
                    endpoint,
                    "eu-central-1",
                    name,
                    addressing,
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
