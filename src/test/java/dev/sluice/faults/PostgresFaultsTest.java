package dev.sluice.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.database.EmbeddedPostgres;
import dev.sluice.server.TestServer;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A PostgreSQL of its own behind a line of its own, with a download under way the whole time. */
@Tag("faults")
@ExtendWith(Leaks.class)
class PostgresFaultsTest {
    private static final long SIZE = 96L << 20;
    private static final String JOB = "/api/training/jobs/run-1";

    /** Of which nothing is remembered, so that the database is asked. */
    private static final String MISSING = "/api/training/jobs/run-2";

    private static final Duration SOON = Duration.ofSeconds(1);

    private static Path home;
    private static EmbeddedPostgres postgres;
    private static ChaosProxy line;
    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        home = Files.createTempDirectory("sluice-postgres");
        postgres = EmbeddedPostgres.start(home);
        line = new ChaosProxy(port());
        server = TestServer.builder()
                .impatient()
                .with("database.url", postgres.url().replace(":" + port() + "/", ":" + line.port() + "/"))
                .start();
        complete();
        try (RandomAccessFile sparse = new RandomAccessFile(
                server.write("run-1", "model/big.bin", new byte[0]).toFile(), "rw")) {
            sparse.setLength(SIZE);
        }
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
        line.close();
        postgres.close();
        try (Stream<Path> all = Files.walk(home)) {
            for (Path path : (Iterable<Path>) all.sorted(Comparator.reverseOrder())::iterator) {
                Files.delete(path);
            }
        }
    }

    private static int port() {
        return URI.create(postgres.url()).getPort();
    }

    private static HttpResponse<byte[]> ask(String job) {
        return server.get(server.token("alice"), job);
    }

    /** With a small file. */
    private static void complete() {
        taken("POST", "/api/training/jobs", "{\"job_id\":\"run-1\",\"owner\":\"alice\",\"name\":\"run-1\"}");
        taken("PATCH", JOB, "{\"status\":\"running\"}");
        taken("PUT", "/api/training/run-1/files/model/small.bin", "1");
        taken("PATCH", JOB, "{\"status\":\"completed\"}");
    }

    /** Comes again, as clients do, while the server is too busy; a conflict is then with an earlier try that was taken. */
    private static void taken(String method, String path, String body) {
        HttpRequest.Builder request = server.request(server.trainer(), path)
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        Deque<Integer> answers = new ArrayDeque<>();
        Awaiting.until(method + " " + path + " is answered", () -> {
            answers.add(server.send(request).statusCode());
            return answers.getLast() != 503;
        });
        assertThat(answers.getLast() < 300 || (answers.size() > 1 && answers.getLast() == 409))
                .as(method + " " + path + " was answered with " + answers)
                .isTrue();
    }

    private static int ready() {
        return server.send(HttpRequest.newBuilder(server.managementUri("/health/ready")))
                .statusCode();
    }

    /** Returns after how long. */
    private static Duration refused() {
        long asked = System.nanoTime();
        HttpResponse<byte[]> refused = ask(MISSING);
        Duration took = Duration.ofNanos(System.nanoTime() - asked);
        assertThat(refused.statusCode())
                .as(new String(refused.body(), StandardCharsets.UTF_8))
                .isEqualTo(503);
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();
        return took;
    }

    private interface Fault {
        void begin() throws Exception;

        void end() throws Exception;
    }

    /** A download under way; comes again, as clients do, when the server is too busy to write down who comes. */
    private static Wire reading() throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            Wire wire = new Wire(server.uri("/").getPort());
            wire.send(Wire.head("GET", "/api/training/run-1/files/model/big.bin", server.token("alice")));
            String head = wire.readHead();
            if (!head.startsWith("HTTP/1.1 503") || System.nanoTime() > deadline) {
                assertThat(head).startsWith("HTTP/1.1 200");
                return wire;
            }
            wire.close();
        }
    }

    /** What must hold of all of them. */
    private static void outlive(boolean unready, Fault fault) throws Exception {
        try (Wire reading = reading()) {
            fault.begin();
            try {
                // The machine may be busy: one of the answers will do that was in time.
                Awaiting.until(
                        "a new request is refused within a second",
                        () -> refused().compareTo(SOON) < 0);
                if (unready) {
                    Awaiting.until("it is not ready", () -> ready() == 503);
                }
                assertThat(reading.read(SIZE)).isEqualTo(SIZE);
            } finally {
                fault.end();
            }
        }
        Awaiting.until("it answers again", () -> ask(JOB).statusCode() == 200);
        Awaiting.until("it is ready again", () -> ready() == 200);
    }

    @Test
    void whileItIsStoppedNewRequestsAreRefusedSoonAndDownloadsGoOn() throws Exception {
        List<ProcessHandle> all = new ArrayList<>();
        outlive(true, new Fault() {
            @Override
            public void begin() throws Exception {
                // First the one that makes the others, so that none is missing among them.
                all.add(postmaster());
                signal("STOP", all);
                List<ProcessHandle> others = postmaster().descendants().toList();
                signal("STOP", others);
                all.addAll(others);
            }

            @Override
            public void end() throws Exception {
                signal("CONT", all);
            }
        });
    }

    @Test
    void afterItWasKilledAndStartedElsewhereTheServerGoesOn() throws Exception {
        outlive(true, new Fault() {
            @Override
            public void begin() throws Exception {
                List<ProcessHandle> all = processes();
                signal("KILL", all);
                for (ProcessHandle process : all) {
                    Awaiting.until("it has ended", () -> !process.isAlive());
                }
            }

            @Override
            public void end() throws Exception {
                postgres.close();
                postgres = EmbeddedPostgres.start(home);
                line.leadTo(port());
            }
        });
    }

    @Test
    void whileATableIsLockedWhatNeedsItIsRefusedSoon() throws Exception {
        try (Connection connection = owner();
                Statement statement = connection.createStatement()) {
            outlive(false, new Fault() {
                @Override
                public void begin() throws SQLException {
                    connection.setAutoCommit(false);
                    statement.execute("lock table sluice.jobs in access exclusive mode");
                }

                @Override
                public void end() throws SQLException {
                    connection.rollback();
                }
            });
        }
    }

    @Test
    void whileItAnswersTooSlowlyNewRequestsAreRefusedSoon() throws Exception {
        outlive(true, new Fault() {
            @Override
            public void begin() {
                line.delay(Duration.ofSeconds(5));
            }

            @Override
            public void end() {
                line.delay(Duration.ZERO);
            }
        });
    }

    private static Connection owner() throws SQLException {
        URI url = URI.create(postgres.url());
        String[] user = url.getUserInfo().split(":", 2);
        return DriverManager.getConnection(
                "jdbc:postgresql://" + url.getHost() + ":" + url.getPort() + url.getPath(), user[0], user[1]);
    }

    private static List<ProcessHandle> processes() throws IOException {
        return Stream.concat(Stream.of(postmaster()), postmaster().descendants())
                .toList();
    }

    private static ProcessHandle postmaster() throws IOException {
        long postmaster = Long.parseLong(
                Files.readAllLines(home.resolve("data/postmaster.pid")).get(0).strip());
        return ProcessHandle.of(postmaster).orElseThrow();
    }

    private static void signal(String name, List<ProcessHandle> processes) throws Exception {
        for (ProcessHandle process : processes) {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .start()
                    .waitFor();
        }
    }
}
