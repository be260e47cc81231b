package dev.sluice.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.access.AccessConfig;
import dev.sluice.access.Scope;
import dev.sluice.access.TokenIssuer;
import dev.sluice.database.TestDatabase;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A server in a JVM of its own, which can be killed, traced and limited. Blocking. */
final class ServerProcess implements AutoCloseable {
    private static final String SECRET = "a secret of the tests, thirty-two bytes or more";
    private static final Pattern LISTENS = Pattern.compile("listens on port (\\d+), management on port (\\d+)");

    private final Path log;
    private final Process process;
    private final int port;
    private final int managementPort;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private ServerProcess(Path log, Process process) {
        this.log = log;
        this.process = process;
        Matcher listens = awaitLog(LISTENS);
        this.port = Integer.parseInt(listens.group(1));
        this.managementPort = Integer.parseInt(listens.group(2));
    }

    /** Waits until it listens. */
    static ServerProcess start(Path data, TestDatabase database, Map<String, String> environment) {
        try {
            List<String> command = List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-XX:TieredStopAtLevel=1",
                    "-Dio.netty.leakDetection.level=paranoid",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "dev.sluice.server.Main",
                    "serve");
            Path log = Files.createTempFile("sluice-faults", ".log");
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
            Map<String, String> all = new HashMap<>(Map.of(
                    "SLUICE_HTTP_PORT",
                    "0",
                    "SLUICE_MANAGEMENT_PORT",
                    "0",
                    "SLUICE_DATA_DIR",
                    data.toString(),
                    "SLUICE_DATABASE_URL",
                    database.url(),
                    "SLUICE_AUTH_JWT_SECRET",
                    SECRET));
            all.putAll(environment);
            builder.environment().putAll(all);
            return new ServerProcess(log, builder.start());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    int port() {
        return port;
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    /** As {@code kill -9} does. Returns when it has ended. */
    void kill() {
        process.destroyForcibly();
        exit();
    }

    String log() {
        try {
            return Files.readString(log, StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    Matcher awaitLog(Pattern pattern) {
        Matcher[] found = new Matcher[1];
        Awaiting.until("the log says " + pattern, () -> {
            found[0] = pattern.matcher(log());
            if (found[0].find()) {
                return true;
            }
            if (!process.isAlive()) {
                throw new AssertionError("the server ended without " + pattern + ":\n" + log());
            }
            return false;
        });
        return found[0];
    }

    /** The exit value, as a shell has it. */
    int exit() {
        try {
            if (!process.waitFor(1, TimeUnit.MINUTES)) {
                throw new AssertionError("the server does not end:\n" + log());
            }
            return process.exitValue();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    HttpRequest.Builder request(String path, String owner, Scope... scopes) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofMinutes(1))
                .header("Authorization", "Bearer " + token(owner, scopes));
    }

    /** Comes again, as clients do, while the server is too busy to answer. */
    HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        try {
            HttpResponse<byte[]> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            while (answer.statusCode() == 503 && System.nanoTime() < deadline) {
                Thread.sleep(100);
                answer = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            }
            return answer;
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    HttpResponse<byte[]> get(String path, String owner) throws IOException {
        return send(request(path, owner));
    }

    HttpResponse<byte[]> put(String path, byte[] body) throws IOException {
        return send(request(path, "trainer", Scope.INGEST).PUT(HttpRequest.BodyPublishers.ofByteArray(body)));
    }

    void register(String owner, String job) throws IOException {
        send(request("/api/training/jobs", "trainer", Scope.INGEST)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"job_id\":\"" + job + "\",\"owner\":\"" + owner + "\",\"name\":\"" + job + "\"}")));
    }

    void complete(String job) throws IOException {
        for (String status : List.of("running", "completed")) {
            HttpResponse<byte[]> patched = send(request("/api/training/jobs/" + job, "trainer", Scope.INGEST)
                    .header("Content-Type", "application/json")
                    .method("PATCH", HttpRequest.BodyPublishers.ofString("{\"status\":\"" + status + "\"}")));
            assertThat(patched.statusCode()).isEqualTo(200);
        }
    }

    /** The models of a job by now. */
    List<String> models(String owner, String job) throws IOException {
        JsonObject listed =
                new JsonObject(Buffer.buffer(get("/api/models?limit=100", owner).body()));
        return listed.getJsonObject("data").getJsonArray("models").stream()
                .map(JsonObject.class::cast)
                .filter(model -> model.getString("job_id").equals(job))
                .map(model -> model.getString("id"))
                .toList();
    }

    /** The only model of a job, once there is one. */
    String published(String owner, String job) throws IOException {
        Awaiting.until("job " + job + " is published", () -> !models(owner, job).isEmpty());
        List<String> models = models(owner, job);
        assertThat(models).hasSize(1);
        return models.get(0);
    }

    /** The sum of a meter's series. */
    double meter(String name) throws IOException {
        String text = new String(
                send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + managementPort + "/metrics")))
                        .body(),
                StandardCharsets.UTF_8);
        return text.lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    static String token(String owner, Scope... scopes) {
        Vertx vertx = Vertx.vertx();
        try {
            AccessConfig access = new AccessConfig(
                    Optional.of(SECRET),
                    Optional.empty(),
                    Optional.empty(),
                    Duration.ofMinutes(5),
                    Optional.empty(),
                    Optional.empty());
            return new TokenIssuer(vertx, access, Clock.systemUTC())
                    .issue(owner, Stream.of(scopes).collect(Collectors.toSet()), Duration.ofHours(1));
        } finally {
            TestDatabase.await(vertx.close());
        }
    }

    /** Kills what still runs; fails when Netty has reported a buffer that nobody released. */
    @Override
    public void close() {
        kill();
        String said = log();
        System.out.println(said);
        try {
            Files.delete(log);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        assertThat(said).doesNotContain("LEAK: ");
    }
}
