package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.access.AccessConfig;
import dev.sluice.access.TokenIssuer;
import dev.sluice.database.Actor;
import dev.sluice.database.TestDatabase;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server in a JVM of its own, with a download under way that is larger than all buffers, gets signals, or is killed. */
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SigtermTest {
    private static final String SECRET = "a secret of the tests, thirty-two bytes or more";
    private static final long SIZE = 96L << 20;
    private static final int BY_SIGTERM = 128 + 15;
    private static final int BY_SIGKILL = 128 + 9;

    @TempDir
    private Path data;

    private TestDatabase database;
    private Process server;
    private BufferedReader log;
    private int port;

    @BeforeEach
    void start() throws IOException {
        database = TestDatabase.fresh();
        Path file = data.resolve("workspace/job/model/big.bin");
        Files.createDirectories(file.getParent());
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(SIZE);
        }
        startServer();
    }

    private void startServer() throws IOException {
        ProcessBuilder process = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.sluice.server.Main",
                "serve");
        process.environment()
                .putAll(Map.of(
                        "SLUICE_HTTP_PORT",
                        "0",
                        "SLUICE_MANAGEMENT_PORT",
                        "0",
                        "SLUICE_DATA_DIR",
                        data.toString(),
                        "SLUICE_DATABASE_URL",
                        database.url(),
                        "SLUICE_AUTH_JWT_SECRET",
                        SECRET,
                        "SLUICE_DELIVERY_DRAIN_TIMEOUT",
                        "10m"));
        server = process.redirectErrorStream(true).start();
        log = server.inputReader(StandardCharsets.UTF_8);
        port = Integer.parseInt(await("listens on port (\\d+)").group(1));
    }

    @AfterEach
    void stop() throws InterruptedException {
        server.destroyForcibly().waitFor();
        database.close();
    }

    private Matcher await(String pattern) throws IOException {
        StringBuilder before = new StringBuilder();
        for (String line = log.readLine(); line != null; line = log.readLine()) {
            Matcher found = Pattern.compile(pattern).matcher(line);
            if (found.find()) {
                return found;
            }
            before.append(line).append('\n');
        }
        throw new AssertionError("the server ended without " + pattern + ":\n" + before);
    }

    /** A download whose head has come. */
    private Socket download() throws IOException {
        String trainer = token("trainer", Set.of(dev.sluice.access.Scope.INGEST));
        String body = "{\"job_id\":\"job\",\"owner\":\"alice\",\"name\":\"job\"}";
        String register =
                "POST /api/training/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: "
                        + "Bearer " + trainer + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
        answered(register, 201).close();
        return answered(
                "GET /api/training/job/files/model/big.bin HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                        + token("alice", Set.of()) + "\r\n\r\n",
                200);
    }

    /** A connection whose request was answered so far; comes again, as clients do, while the server is too busy. */
    private Socket answered(String request, int status) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(60_000);
            send(socket, request);
            String head = head(socket);
            if (!head.startsWith("HTTP/1.1 503") || System.nanoTime() > deadline) {
                assertThat(head).startsWith("HTTP/1.1 " + status);
                return socket;
            }
            socket.close();
        }
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String head(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new AssertionError("the connection ended after '" + head + "'");
            }
            head.append((char) next);
        }
        return head.toString();
    }

    private static String token(String owner, Set<dev.sluice.access.Scope> scopes) {
        Vertx vertx = Vertx.vertx();
        try {
            AccessConfig access = new AccessConfig(
                    Optional.of(SECRET),
                    Optional.empty(),
                    Optional.empty(),
                    Duration.ofMinutes(5),
                    Optional.empty(),
                    Optional.empty());
            return new TokenIssuer(vertx, access, Clock.systemUTC()).issue(owner, scopes, Duration.ofHours(1));
        } finally {
            TestDatabase.await(vertx.close());
        }
    }

    /** By its handle: destroying the process itself would close its output too. */
    private void terminate() {
        assertThat(server.toHandle().destroy()).isTrue();
    }

    private int exitStatus() throws InterruptedException {
        assertThat(server.waitFor(1, TimeUnit.MINUTES)).as("the server ended").isTrue();
        return server.exitValue();
    }

    @Test
    void theFirstSignalWaitsForTheDownloadUnderWay() throws Exception {
        try (Socket reading = download()) {
            terminate();
            await("Draining: 1 transfers");
            assertThat(server.isAlive()).isTrue();
            reading.getInputStream().skipNBytes(SIZE);
        }
        await("Completed file download");
        assertThat(exitStatus()).isEqualTo(BY_SIGTERM);
    }

    /** As the next server on the same database reads it: nothing says how it ended, and that it began is certain. */
    @Test
    void whatWasUnderWayWhenItWasKilledReadsAsUnknown() throws Exception {
        try (Socket reading = download()) {
            assertThat(reading.getInputStream().readNBytes(1 << 20)).hasSize(1 << 20);
            assertThat(get("/api/audit", "entries")).containsExactly("started");
            awaitDownload("active");
            assertThat(server.toHandle().destroyForcibly()).isTrue();
            assertThat(exitStatus()).isEqualTo(BY_SIGKILL);
        }
        startServer();
        // Its heartbeat would stop counting after a minute, by the database's clock.
        TestDatabase.await(database.database()
                .as(
                        new Actor.Background(),
                        connection -> connection
                                .query("update replicas set seen_at = seen_at - interval '1 minute'"
                                        + " where seen_at < (select max(seen_at) from replicas)")
                                .execute()));
        assertThat(get("/api/audit", "entries")).containsExactly("unknown");
        assertThat(get("/api/downloads", "downloads")).containsExactly("unknown");
    }

    /** The history is written soon, not at once. */
    private void awaitDownload(String outcome) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!get("/api/downloads", "downloads").equals(List.of(outcome))) {
            assertThat(System.nanoTime()).as("the download is " + outcome).isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    /** The outcomes that alice is told. */
    private List<String> get(String path, String name) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            Optional<List<String>> told = ask(path, name);
            if (told.isPresent()) {
                return told.get();
            }
            assertThat(System.nanoTime()).as(path + " answers").isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    /** Empty when the server is too busy. */
    private Optional<List<String>> ask(String path, String name) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            send(
                    socket,
                    "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer "
                            + token("alice", Set.of()) + "\r\n\r\n");
            String head = head(socket);
            if (head.startsWith("HTTP/1.1 503")) {
                return Optional.empty();
            }
            assertThat(head).startsWith("HTTP/1.1 200");
            JsonArray rows = new JsonObject(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .getJsonArray(name);
            return Optional.of(IntStream.range(0, rows.size())
                    .mapToObj(row -> rows.getJsonObject(row).getString("outcome"))
                    .toList());
        }
    }

    @Test
    void aSecondSignalStopsAtOnce() throws Exception {
        try (Socket ignored = download()) {
            terminate();
            await("Draining: 1 transfers");
            terminate();
            assertThat(exitStatus()).isEqualTo(BY_SIGTERM);
        }
    }
}
