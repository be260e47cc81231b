package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code java -jar target/sluice.jar} does, from an empty directory that is no checkout. */
class JarIT {
    private static final String SECRET = "a secret of the jar's tests, longer than 32 bytes";

    @TempDir
    private Path dir;

    @Test
    void serveWithoutAKeyEndsAtOnceAndNamesEveryFault() throws IOException {
        JarProcess.Ended ended = JarProcess.run(
                dir,
                Map.of(
                        "SLUICE_HTTP_PORT", "99999",
                        "SLUICE_NO_SUCH_KEY", "1",
                        "SLUICE_DATABASE_URL", "mysql://user:topsecret@host/db"),
                "serve",
                "--set",
                "delivery.stall-timeout=soon",
                "--set",
                "no.such.option=1");
        assertThat(ended.status()).isEqualTo(2);
        assertThat(ended.errors())
                .contains("auth.jwt-secret", "no verification key for tokens")
                .contains(
                        "99999",
                        "SLUICE_NO_SUCH_KEY",
                        "delivery.stall-timeout",
                        "no.such.option",
                        "SLUICE_DATABASE_URL")
                .doesNotContain("topsecret", "Exception", "\tat ");
        assertThat(ended.output()).isEmpty();
        assertThat(dir).isEmptyDirectory();
    }

    @Test
    void aConfigurationFileOfUnknownKeysIsRefused() throws IOException {
        Path file = Files.writeString(dir.resolve("mine.yaml"), "http:\n  prot: 80\nauth:\n  jwt-secret: short\n");
        JarProcess.Ended ended = JarProcess.run(dir, Map.of(), "serve", "--config", file.toString());
        assertThat(ended.status()).isEqualTo(2);
        assertThat(ended.errors()).contains("http.prot", "auth.jwt-secret").doesNotContain("short");
    }

    @ParameterizedTest
    @CsvSource({
        "--help, 0, Usage: sluice",
        "--version, 0, sluice ",
        "serve --help, 0, Usage: sluice serve",
        "demo --help, 0, Usage: sluice demo",
        "migrate --help, 0, Usage: sluice migrate",
        "token --help, 0, Usage: sluice token",
        "import --help, 0, Usage: sluice import",
        "scrub --help, 0, Usage: sluice scrub",
        "gc --help, 0, Usage: sluice gc",
        "doctor --help, 0, Usage: sluice doctor"
    })
    void everyCommandExplainsItself(String arguments, int status, String output) throws IOException {
        JarProcess.Ended ended = JarProcess.run(dir, Map.of(), arguments.split(" ", -1));
        assertThat(ended.status()).isEqualTo(status);
        assertThat(ended.output()).startsWith(output);
    }

    @ParameterizedTest
    @CsvSource({
        "'', 2",
        "fly, 2",
        "serve --wings, 2",
        "token, 2",
        "token --subject=a, 1",
        "import /nothing, 2",
        "doctor, 2",
        "doctor nowhere, 2",
        "doctor http://127.0.0.1:1, 1"
    })
    void whatCannotBeMeantIsRefused(String arguments, int status) throws IOException {
        JarProcess.Ended ended =
                JarProcess.run(dir, Map.of(), arguments.isEmpty() ? new String[0] : arguments.split(" ", -1));
        assertThat(ended.status()).as(ended.errors()).isEqualTo(status);
        assertThat(ended.errors()).isNotBlank().doesNotContain("Exception");
    }

    @Test
    void whatWasImportedAndUploadedIsThereAfterTheServerWasKilled() throws Exception {
        Map<String, String> environment = Map.of(
                "SLUICE_DATA_DIR",
                dir.resolve("data").toString(),
                "SLUICE_AUTH_JWT_SECRET",
                SECRET,
                "SLUICE_HTTP_PORT",
                "0",
                "SLUICE_MANAGEMENT_PORT",
                "0");
        byte[] weights = new byte[200_000];
        new Random(1).nextBytes(weights);
        Path trained = Files.createDirectories(dir.resolve("trained/model"));
        Files.write(trained.resolve("model.safetensors"), weights);

        JarProcess.Ended migrated = JarProcess.run(dir, environment, "migrate");
        assertThat(migrated.output()).as(migrated.errors()).contains("up to date");
        JarProcess.Ended imported = JarProcess.run(dir, environment, "import", "trained", "--owner", "alice");
        assertThat(imported.output())
                .as(imported.errors())
                .contains("Imported trained for alice: 1 files, 200000 bytes");
        JarProcess.Ended again = JarProcess.run(dir, environment, "import", "trained", "--owner", "alice");
        assertThat(again.status()).isEqualTo(1);
        assertThat(again.errors()).contains("trained: Job already exists");
        String alice = token(environment, "--subject", "alice");
        String trainer = token(environment, "--subject", "trainer", "--scope", "ingest");

        HttpResponse<byte[]> before;
        try (JarProcess server = JarProcess.start(dir, environment, "serve")) {
            int port = server.port();
            before = get(port, alice, "/api/training/trained/download/model");
            assertThat(Responses.unzipped(before.body()).get("model.safetensors"))
                    .isEqualTo(weights);
            String job = "{\"job_id\":\"live\",\"owner\":\"alice\",\"name\":\"live\"}";
            assertThat(send(port, trainer, "POST", "/api/training/jobs", job)).isEqualTo(201);
            assertThat(send(port, trainer, "PUT", "/api/training/live/files/training.log", "line"))
                    .isEqualTo(201);
            server.kill();
        }
        try (JarProcess server = JarProcess.start(dir, environment, "serve")) {
            int port = server.port();
            HttpResponse<byte[]> after = get(port, alice, "/api/training/trained/download/model");
            assertThat(after.body()).isEqualTo(before.body());
            assertThat(Responses.field(after, "ETag")).isEqualTo(Responses.field(before, "ETag"));
            assertThat(get(port, alice, "/api/training/live/files/training.log").body())
                    .isEqualTo("line".getBytes(StandardCharsets.UTF_8));
            assertThat(server.terminate()).as("128 + SIGTERM").isEqualTo(143);
        }
    }

    private String token(Map<String, String> environment, String... arguments) throws IOException {
        String[] command = new String[arguments.length + 1];
        command[0] = "token";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        JarProcess.Ended ended = JarProcess.run(dir, environment, command);
        assertThat(ended.status()).as(ended.errors()).isZero();
        assertThat(ended.output()).matches("[\\w-]+\\.[\\w-]+\\.[\\w-]+\\n");
        return ended.output().strip();
    }

    private static HttpResponse<byte[]> get(int port, String token, String path) throws Exception {
        HttpResponse<byte[]> response;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        do {
            // Again, as clients do, while the server is too busy to answer.
            response =
                    HttpClient.newHttpClient().send(request(port, token, path).build(), BodyHandlers.ofByteArray());
        } while (response.statusCode() == 503 && System.nanoTime() < deadline);
        assertThat(response.statusCode()).isEqualTo(200);
        return response;
    }

    private static int send(int port, String token, String method, String path, String body) throws Exception {
        HttpRequest request = request(port, token, path)
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body))
                .build();
        int status;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        do {
            status = HttpClient.newHttpClient()
                    .send(request, BodyHandlers.discarding())
                    .statusCode();
        } while (status == 503 && System.nanoTime() < deadline);
        return status;
    }

    private static HttpRequest.Builder request(int port, String token, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Authorization", "Bearer " + token);
    }
}
