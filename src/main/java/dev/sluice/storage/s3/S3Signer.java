package dev.sluice.storage.s3;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignRequest;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;

/** Signs requests: Signature Version 4, with the body's SHA-256, so that the store refuses a body that was changed on its way. */
final class S3Signer {
    private static final String SERVICE = "s3";

    private final AwsV4HttpSigner signer = AwsV4HttpSigner.create();
    private final S3Config config;
    private final S3Address address;
    private final AwsCredentialsIdentity identity;
    private final Clock clock;

    S3Signer(S3Config config, S3Address address, Clock clock) {
        this.config = config;
        this.address = address;
        this.clock = clock;
        String access = config.accessKey().reveal();
        String secret = config.secretKey().reveal();
        this.identity = config.sessionToken()
                .<AwsCredentialsIdentity>map(
                        token -> AwsSessionCredentialsIdentity.create(access, secret, token.reveal()))
                .orElseGet(() -> AwsCredentialsIdentity.create(access, secret));
    }

    /** Any thread; a worker thread when the body is of a file, which is read. */
    SdkHttpRequest sign(S3Request request) throws IOException {
        try (InputStream body = open(request.body())) {
            return signer.sign(builder -> properties(builder)
                            .request(unsigned(request))
                            .payload(() -> body)
                            .putProperty(AwsV4FamilyHttpSigner.PAYLOAD_SIGNING_ENABLED, true))
                    .request();
        }
    }

    /** An address that answers a GET for so long, whoever asks. Any thread. */
    URI presign(S3Request request, Duration validity) {
        return signer.sign(builder -> properties(builder)
                        .request(unsigned(request))
                        .putProperty(AwsV4FamilyHttpSigner.PAYLOAD_SIGNING_ENABLED, false)
                        .putProperty(
                                AwsV4FamilyHttpSigner.AUTH_LOCATION, AwsV4FamilyHttpSigner.AuthLocation.QUERY_STRING)
                        .putProperty(AwsV4FamilyHttpSigner.EXPIRATION_DURATION, validity))
                .request()
                .getUri();
    }

    private SignRequest.Builder<AwsCredentialsIdentity> properties(
            SignRequest.Builder<AwsCredentialsIdentity> builder) {
        return builder.identity(identity)
                .putProperty(AwsV4HttpSigner.REGION_NAME, config.region())
                .putProperty(AwsV4FamilyHttpSigner.SERVICE_SIGNING_NAME, SERVICE)
                .putProperty(AwsV4FamilyHttpSigner.DOUBLE_URL_ENCODE, false)
                .putProperty(AwsV4FamilyHttpSigner.NORMALIZE_PATH, false)
                .putProperty(HttpSigner.SIGNING_CLOCK, clock);
    }

    private SdkHttpRequest unsigned(S3Request request) {
        SdkHttpRequest.Builder builder = SdkHttpRequest.builder()
                .method(SdkHttpMethod.fromValue(request.method().name()))
                .protocol(address.scheme())
                .host(address.host())
                .port(address.port())
                .encodedPath(address.path(request.key()));
        for (Map.Entry<String, String> parameter : request.query().entrySet()) {
            builder.putRawQueryParameter(parameter.getKey(), parameter.getValue());
        }
        request.headers().forEach(builder::putHeader);
        return builder.build();
    }

    private static InputStream open(S3Request.Body body) throws IOException {
        if (body instanceof S3Request.Text text) {
            return new ByteArrayInputStream(text.bytes());
        }
        if (body instanceof S3Request.FilePart part) {
            FileChannel channel = FileChannel.open(part.file());
            return new Limited(Channels.newInputStream(channel.position(part.offset())), part.length());
        }
        return InputStream.nullInputStream();
    }

    /** The first bytes of a stream, in steps that are worth a call of the system. */
    private static final class Limited extends java.io.FilterInputStream {
        private long left;

        Limited(InputStream whole, long length) {
            super(new java.io.BufferedInputStream(whole, 256 << 10));
            this.left = length;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            int count = super.read(into, offset, (int) Math.min(length, left));
            left -= Math.max(0, count);
            return count;
        }
    }
}
