package dev.sluice.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.config.Secret;
import dev.sluice.database.TestDatabase;
import dev.sluice.delivery.SelfSigned;
import dev.sluice.storage.BlobId;
import dev.sluice.storage.BlobRead;
import dev.sluice.storage.StoreUnavailable;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How the store is reached, and by whom. */
class S3AccessTest extends S3Fixture {
    private static final byte[] CONTENT = noise(10_000);

    private S3BlobStore with(Vertx by, S3Config config) throws Exception {
        return new S3BlobStore(by, config, directory, meters, limits(Duration.ofMinutes(1)));
    }

    private static S3Config config(
            S3Config like,
            S3Config.Addressing addressing,
            String secret,
            Optional<Secret> token,
            Optional<Path> authority) {
        return new S3Config(
                like.endpoint(),
                like.region(),
                like.bucket(),
                addressing,
                like.accessKey(),
                new Secret(secret),
                token,
                authority,
                like.maxConnections());
    }

    @Test
    void aBucketThatIsOpenToTheCredentialsIsFound() throws Exception {
        store.requireBucket();
    }

    @Test
    void aWrongKeyIsToldWithoutTheKey() throws Exception {
        S3Config wrong =
                config(bucket.config(), S3Config.Addressing.PATH, "a wrong key", Optional.empty(), Optional.empty());
        S3BlobStore refused = with(vertx, wrong);
        assertThatThrownBy(refused::requireBucket)
                .isInstanceOf(StoreUnavailable.class)
                .hasMessageContaining("403")
                .hasMessageContaining("SignatureDoesNotMatch")
                .hasMessageNotContaining("a wrong key");
        assertThat(wrong.toString()).doesNotContain("a wrong key", TestS3.ACCESS_KEY);
    }

    @Test
    void aBucketThatIsNotThereIsTold() throws Exception {
        S3Config other = bucket.config();
        S3BlobStore absent = with(
                vertx,
                new S3Config(
                        other.endpoint(),
                        other.region(),
                        "absent",
                        other.addressing(),
                        other.accessKey(),
                        other.secretKey(),
                        Optional.empty(),
                        Optional.empty(),
                        1));
        assertThatThrownBy(absent::requireBucket)
                .isInstanceOf(StoreUnavailable.class)
                .hasMessageContaining("NoSuchBucket");
    }

    @Test
    void aSessionTokenGoesAlongSigned() throws Exception {
        S3Config lent = config(
                bucket.config(line.endpoint()),
                S3Config.Addressing.PATH,
                TestS3.SECRET_KEY,
                Optional.of(new Secret("the token")),
                Optional.empty());
        with(vertx, lent).requireBucket();
        FaultyS3.Seen request = line.seen().get(0);
        assertThat(request.headers().get("x-amz-security-token")).isEqualTo("the token");
        assertThat(request.headers().get("Authorization")).contains("x-amz-security-token");
        URI presigned = with(vertx, lent)
                .presigned(new BlobId("0".repeat(64), 1), "inline", "text/plain", Duration.ofMinutes(1));
        assertThat(presigned.getRawQuery()).contains("X-Amz-Security-Token=the%20token");
    }

    @Test
    void aBucketCanBeNamedByTheHost() throws Exception {
        BlobId blob = put(CONTENT);
        try (TestS3 byHost = s3.byVirtualHost()) {
            S3Config config = config(
                    bucket.config(URI.create("http://localhost:" + byHost.port())),
                    S3Config.Addressing.VIRTUAL_HOST,
                    TestS3.SECRET_KEY,
                    Optional.empty(),
                    Optional.empty());
            URI address = with(vertx, config).presigned(blob, "inline", "text/plain", Duration.ofMinutes(1));
            assertThat(address.getHost()).isEqualTo(bucket.name() + ".localhost");
            assertThat(address.getPath()).startsWith("/blobs/");
            // Whatever a resolver here makes of that name.
            RequestOptions request = new RequestOptions()
                    .setServer(SocketAddress.inetSocketAddress(byHost.port(), "127.0.0.1"))
                    .setHost(address.getHost())
                    .setPort(byHost.port())
                    .setURI(address.getRawPath() + "?" + address.getRawQuery());
            byte[] got = TestDatabase.await(vertx.createHttpClient()
                            .request(request)
                            .compose(HttpClientRequest::send)
                            .compose(HttpClientResponse::body))
                    .getBytes();
            assertThat(got).isEqualTo(CONTENT);
        }
    }

    /** Uploads in one and in parts, reads, lists of several pages, copies and deletions; the signatures cover the host. */
    @Test
    void everyRequestCanNameTheBucketByItsHost() throws Exception {
        Vertx resolving = bucket.resolving();
        try (TestS3 byHost = s3.byVirtualHost();
                FaultyS3 before = new FaultyS3(byHost)) {
            S3BlobStore all = with(resolving, bucket.configByHost(before.port()));
            store = all;
            all.requireBucket();
            List<BlobId> put = List.of(put(CONTENT), put(noise(2 * PART + 1_000)), put(noise(1)));
            List<BlobId> listed = new ArrayList<>();
            all.list(blob -> listed.add(blob.id()));
            assertThat(listed).containsExactlyInAnyOrderElementsOf(put);
            BlobRead read = all.read(put.get(0), 1_000, 9_000);
            assertThat(next(read, 8_000)).isEqualTo(Arrays.copyOfRange(CONTENT, 1_000, 9_000));
            read.close();
            all.collectStaged(Duration.ZERO);
            for (BlobId blob : put.subList(0, 2)) {
                assertThat(all.quarantine(blob)).isTrue();
            }
            assertThat(all.delete(put.get(2))).isTrue();
            assertThat(bucket.keys()).hasSize(2).allMatch(key -> key.startsWith("quarantine/"));

            assertThat(before.seen()).hasSizeGreaterThan(20).allSatisfy(request -> {
                assertThat(request.headers().get("Host")).isEqualTo(bucket.host() + ":" + before.port());
                assertThat(request.uri()).doesNotContain(bucket.name());
            });
            assertThat(meters.scrape())
                    .contains("operation=\"put_part\",outcome=\"ok\"")
                    .contains("operation=\"copy\",outcome=\"ok\"")
                    .contains("operation=\"copy_part\",outcome=\"ok\"")
                    .doesNotContain("outcome=\"refused\"");
        } finally {
            TestDatabase.await(resolving.close());
        }
    }

    @Test
    void overTlsTheCertificateMustBeOfAnAuthorityThatIsTrusted() throws Exception {
        try (TestS3 secure = TestS3.withTls(SelfSigned.store().toString(), SelfSigned.PASSWORD)) {
            TestS3.Bucket named = secure.bucket();
            S3BlobStore trusting = with(
                    vertx,
                    config(
                            named.config(),
                            S3Config.Addressing.PATH,
                            TestS3.SECRET_KEY,
                            Optional.empty(),
                            Optional.of(authority())));
            trusting.requireBucket();
            store = trusting;
            assertThat(trusting.exists(put(CONTENT))).isTrue();
            S3BlobStore careful = with(vertx, named.config());
            assertThatThrownBy(careful::requireBucket).isInstanceOf(StoreUnavailable.class);
        }
    }

    private Path authority() throws Exception {
        KeyStore self = KeyStore.getInstance("PKCS12");
        try (InputStream stored = Files.newInputStream(SelfSigned.store())) {
            self.load(stored, SelfSigned.PASSWORD.toCharArray());
        }
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'})
                .encodeToString(self.getCertificate("self").getEncoded());
        return Files.writeString(
                directory.resolve("authority.pem"),
                "-----BEGIN CERTIFICATE-----\n" + text + "\n-----END CERTIFICATE-----\n");
    }

    @Test
    void aPresignedAddressAnswersWhoeverHasItAndNothingElse() throws Exception {
        BlobId blob = put(CONTENT);
        URI address = store.presigned(
                blob, "attachment; filename=\"weights of ann.bin\"", "application/octet-stream", Duration.ofMinutes(1));
        HttpResponse<byte[]> got = get(address);
        assertThat(got.statusCode()).isEqualTo(200);
        assertThat(got.body()).isEqualTo(CONTENT);
        assertThat(got.headers().firstValue("Content-Disposition"))
                .hasValue("attachment; filename=\"weights of ann.bin\"");
        assertThat(got.headers().firstValue("Content-Type").orElseThrow()).startsWith("application/octet-stream");
        URI other = URI.create(address.toString().replace("weights", "weighty"));
        assertThat(get(other).statusCode()).isEqualTo(403);
        assertThat(address.getRawQuery()).contains("X-Amz-Expires=60");
    }

    private static HttpResponse<byte[]> get(URI address) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofByteArray());
    }
}
