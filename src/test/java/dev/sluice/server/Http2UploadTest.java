package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Uploads over HTTP/2, whose clients take no field that is of one connection (RFC 9113 §8.2.2). */
class Http2UploadTest {
    private static TestCertificate certificate;
    private static TestServer server;
    private static HttpClient client;

    @BeforeAll
    static void start() {
        certificate = TestCertificate.make();
        server = TestServer.builder()
                .with("ingest.max-file-size", "64KiB")
                .tls(certificate)
                .start();
        server.completed("alice", "job", Map.of("model/a.bin", new byte[1]));
        client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_2)
                .sslContext(certificate.trusting())
                .build();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
        certificate.close();
    }

    /** The answer, and not the end of the stream alone; and the next one on the same connection. */
    @ParameterizedTest
    @CsvSource({
        "404, trainer, nope/files/x, 5",
        "404, trainer, nope/files/x, 60000",
        "403, alice, job/files/x, 60000",
        "400, trainer, job/files/a%5Cb, 5",
        "413, trainer, job/files/x, 65537",
        "413, trainer, job/files/x, 3000000",
        "201, trainer, job/files/x, 65536"
    })
    void theAnswerArrives(int status, String who, String path, int size) throws Exception {
        String token = who.equals("trainer") ? server.trainer() : server.token(who);
        HttpRequest upload = to("/api/training/" + path, token)
                .PUT(HttpRequest.BodyPublishers.ofByteArray(new byte[size]))
                .build();
        HttpResponse<byte[]> answer = client.send(upload, HttpResponse.BodyHandlers.ofByteArray());
        assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(answer.headers().map()).doesNotContainKeys("connection", "keep-alive");
        if (status < 300) {
            assertThat(answer.statusCode()).isEqualTo(status);
        } else {
            assertProblem(answer, status);
        }
        HttpRequest next = to("/version", token).build();
        assertThat(client.send(next, HttpResponse.BodyHandlers.discarding()).statusCode())
                .isEqualTo(200);
    }

    private static HttpRequest.Builder to(String path, String token) {
        return HttpRequest.newBuilder(URI.create("https://localhost:" + server.port() + path))
                .header("Authorization", "Bearer " + token);
    }
}
