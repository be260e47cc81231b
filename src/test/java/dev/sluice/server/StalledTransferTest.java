package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** With a stall timeout of a second: what gets nowhere is ended, however it is carried. */
class StalledTransferTest {
    private static final String STALLED = "sluice_downloads_total{kind=\"file\",outcome=\"stalled\"}";

    private static TestCertificate certificate;
    private static TestServer plain;
    private static TestServer tls;
    private static String path;

    @BeforeAll
    static void start() throws Exception {
        certificate = TestCertificate.make();
        plain = TestServer.builder().with("delivery.stall-timeout", "1s").start();
        path = BigFile.ofRunning(plain, "alice", "job");
        tls = TestServer.builder()
                .with("delivery.stall-timeout", "1s")
                .tls(certificate)
                .start();
        BigFile.ofRunning(tls, "alice", "job");
    }

    @AfterAll
    static void stop() throws IOException {
        tls.close();
        plain.close();
        certificate.close();
    }

    @Test
    void aPlainDownloadThatNobodyReadsIsReset() throws Exception {
        Metrics metrics = new Metrics(plain);
        double before = metrics.value(STALLED);
        try (RawConnection reader = RawConnection.to(plain)) {
            reader.head("GET", plain.token("alice"), path);
            assertThat(reader.receive("HEAD").status()).isEqualTo(200);
            metrics.await(STALLED, before + 1);
            metrics.awaitIdle();
            assertThatThrownBy(() -> reader.skip(BigFile.SIZE)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void anUploadWhoseBodyStopsIsAnswered408AndLeavesNothing() throws Exception {
        try (RawConnection writer = RawConnection.to(plain)) {
            writer.head("PUT", plain.trainer(), "/api/training/job/files/model/slow.bin", "Content-Length: 1000000")
                    .send("the beginning");
            RawConnection.Response response = writer.receive("PUT");
            assertThat(response.status()).isEqualTo(408);
            assertThat(response.fields()).containsEntry("connection", "close");
            assertThat(writer.isClosedByServer()).isTrue();
        }
        new Metrics(plain).awaitIdle();
        assertThat(plain.workspace().resolve("job/model/slow.bin")).doesNotExist();
        try (Stream<?> staged = Files.list(plain.workspace().resolve(".staging"))) {
            assertThat(staged).isEmpty();
        }
    }

    @Test
    void aTlsDownloadThatNobodyReadsIsReset() throws Exception {
        Metrics metrics = new Metrics(tls);
        double before = metrics.value(STALLED);
        try (Socket socket =
                certificate.trusting().getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), tls.port())) {
            socket.setSoTimeout(30_000);
            String head = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + tls.token("alice")
                    + "\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
            InputStream in = socket.getInputStream();
            assertThat(in.read()).isEqualTo('H');
            metrics.await(STALLED, before + 1);
            metrics.awaitIdle();
            assertThatThrownBy(() -> in.skipNBytes(BigFile.SIZE)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aStreamOfHttp2ThatNobodyReadsIsResetAndItsConnectionServesOn() throws Exception {
        Metrics metrics = new Metrics(tls);
        double before = metrics.value(STALLED);
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_2)
                .sslContext(certificate.trusting())
                .build();
        HttpResponse<InputStream> response = client.send(http2(path), HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
        metrics.await(STALLED, before + 1);
        metrics.awaitIdle();
        assertThatThrownBy(() -> response.body().skipNBytes(BigFile.SIZE)).isInstanceOf(IOException.class);
        assertThat(client.send(http2(path.replace("big", "small")), HttpResponse.BodyHandlers.ofByteArray())
                        .body())
                .containsExactly(1);
    }

    private static HttpRequest http2(String path) {
        return HttpRequest.newBuilder(URI.create("https://localhost:" + tls.port() + path))
                .header("Authorization", "Bearer " + tls.token("alice"))
                .build();
    }
}
