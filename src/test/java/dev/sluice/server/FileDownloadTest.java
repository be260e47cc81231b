package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static dev.sluice.server.Responses.field;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileDownloadTest {
    private static final byte[] WEIGHTS = new byte[3 << 20];

    private static TestServer server;

    @BeforeAll
    static void start() {
        new Random(3).nextBytes(WEIGHTS);
        server = TestServer.start();
        server.completed(
                "alice",
                "run-1",
                Map.of("model/w.safetensors", WEIGHTS, "training.log", "step 1\n".getBytes(StandardCharsets.UTF_8)));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aFileComesAsItIsUnderItsNameWithItsDigest() throws NoSuchAlgorithmException {
        HttpResponse<byte[]> response = get("model/w.safetensors");
        assertThat(response.body()).isEqualTo(WEIGHTS);
        assertThat(field(response, "Content-Type")).isEqualTo("application/octet-stream");
        assertThat(field(response, "Content-Disposition"))
                .isEqualTo("attachment; filename=\"w.safetensors\"; filename*=UTF-8''w.safetensors");
        String sha256 = Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("SHA-256").digest(WEIGHTS));
        assertThat(field(response, "Repr-Digest")).isEqualTo("sha-256=:" + sha256 + ":");
        assertThat(field(response, "Digest")).isEqualTo("sha-256=" + sha256);
    }

    @Test
    void whatATrainerWroteItselfComesAsWell() {
        server.write("run-1", "notes/direct.bin", WEIGHTS);
        HttpResponse<byte[]> response = get("notes/direct.bin");
        assertThat(response.body()).isEqualTo(WEIGHTS);
        server.write("run-1", "notes/direct.bin", new byte[11]);
        assertThat(get("notes/direct.bin").body()).isEqualTo(new byte[11]);
    }

    @ParameterizedTest
    @CsvSource({
        "a%20b.txt, a b.txt, a b.txt, a%20b.txt",
        "say%22hi%22.txt, 'say\"hi\".txt', say_hi_.txt, say%22hi%22.txt",
        "50%25.txt, 50%.txt, 50_.txt, 50%25.txt",
        "semi%3Bcolon.txt, semi;colon.txt, semi;colon.txt, semi%3Bcolon.txt",
        "it's.txt, it''s.txt, it's.txt, it%27s.txt"
    })
    void oddNamesAreSavedSafely(String asked, String onDisk, String fallback, String extended) {
        server.write("run-1", "odd/" + onDisk.replace("''", "'"), new byte[2]);
        HttpResponse<byte[]> response = get("odd/" + asked);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(field(response, "Content-Disposition"))
                .isEqualTo("attachment; filename=\"" + fallback + "\"; filename*=UTF-8''" + extended);
    }

    @ParameterizedTest
    @CsvSource({
        "a.csv, text/csv; charset=utf-8",
        "a.json, application/json",
        "a.log, text/plain; charset=utf-8",
        "a.html, application/octet-stream",
        "a.svg, application/octet-stream",
        "a.js, application/octet-stream",
        "Makefile, application/octet-stream"
    })
    void noTypeIsOneThatABrowserRuns(String name, String mediaType) {
        server.write("run-1", "types/" + name, new byte[2]);
        assertThat(field(get("types/" + name), "Content-Type")).isEqualTo(mediaType);
        assertThat(field(get("types/" + name), "X-Content-Type-Options")).isEqualTo("nosniff");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "none",
                "model",
                "model/",
                "training.log/x",
                "..%2frun-1%2ftraining.log",
                "%2e%2e%2ftraining.log",
                "model%2f..%2ftraining.log",
                "model%5c..%5ctraining.log",
                "%2fetc%2fpasswd",
                "/etc/passwd",
                "%252e%252e%252fetc%252fpasswd",
                "training.log%00",
                "training.log%00.txt",
                ".staging",
                "..%2f.staging"
            })
    void whatIsNoFileOfTheJobIsNotFound(String path) {
        assertProblem(get(path), 404, "File not found");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../training.log",
                "%2e%2e/training.log",
                "model/../training.log",
                "model/%2E./training.log",
                "../run-1/files/training.log",
                "./training.log",
                "%zz",
                "%ff"
            })
    void aPathThatIsNotPlainIsNoWayToAFile(String path) throws IOException {
        try (RawConnection connection = RawConnection.to(server)) {
            RawConnection.Response refused =
                    connection.exchange("GET", server.token("alice"), "/api/training/run-1/files/" + path);
            assertThat(refused.status()).as(refused.text()).isIn(400, 404);
        }
    }

    private static HttpResponse<byte[]> get(String path) {
        return server.get(server.token("alice"), "/api/training/run-1/files/" + path);
    }
}
