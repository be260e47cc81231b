package dev.sluice.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.archive.ExternalTool;
import dev.sluice.database.Actor;
import dev.sluice.database.TestDatabase;
import dev.sluice.server.Nginx;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two servers on one database and one directory, behind nginx as k8s/ingress-nginx sets it up. */
@Tag("faults")
@ExtendWith(Leaks.class)
class ReplicasTest extends ProcessFixture {
    private static final int SIZE = 64 << 20;
    private static final int CLIENTS = 8;

    /** curl's, for a transfer that ended short of its length. */
    private static final List<Integer> CUT = List.of(18, 56);

    private static final String PATH = "/api/training/job/download/model";

    @Test
    void whenOneIsKilledItsDownloadsGoOnAtTheOther() throws Exception {
        try (ServerProcess one = start();
                ServerProcess two = start();
                Nginx nginx = Nginx.start(directory, upstream(one, two), Map.of("both", LOCATION))) {
            byte[] weights = new byte[SIZE];
            new Random(1).nextBytes(weights);
            one.register("alice", "job");
            one.put("/api/training/job/files/model/weights.bin", weights);
            one.put(
                    "/api/training/job/files/training.log",
                    "a line".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            one.complete("job");
            byte[] zip = one.get(PATH, "alice").body();
            assertThat(two.get(PATH, "alice").body()).isEqualTo(zip);

            List<Process> clients = new ArrayList<>();
            for (int client = 0; client < CLIENTS; client++) {
                clients.add(curl(nginx, client, "--limit-rate", "1M"));
            }
            Awaiting.until(
                    "both are sending, and every client has some",
                    () -> one.meter("sluice_transfers_active") >= 1
                            && two.meter("sluice_transfers_active") >= 1
                            && one.meter("sluice_transfers_active") + two.meter("sluice_transfers_active") == CLIENTS
                            && downloaded(CLIENTS).stream().allMatch(size -> size > 0));
            long sending = (long) one.meter("sluice_transfers_active");
            one.kill();

            Awaiting.until("those of the one that was killed are cut", () -> cut(clients) >= sending);
            // The others leave by themselves, unless they are through; before any goes on, which takes so long that one
            // might be just at its end.
            for (Process client : clients) {
                client.destroyForcibly().waitFor();
            }
            for (int client = 0; client < CLIENTS; client++) {
                if (clients.get(client).exitValue() != 0) {
                    assertThat(Files.size(file(client))).isPositive().isLessThan(zip.length);
                    assertThat(exit(curl(nginx, client, "-C", "-")))
                            .as("client " + client)
                            .isZero();
                }
                assertThat(Files.readAllBytes(file(client)))
                        .as("client " + client)
                        .isEqualTo(zip);
            }
            assertThat(two.published("alice", "job")).isNotEmpty();
        }
    }

    private static final String LOCATION = """
            proxy_pass http://replicas; proxy_http_version 1.1; proxy_set_header Connection "";
            proxy_buffering off; proxy_request_buffering off; client_max_body_size 0;
            proxy_read_timeout 3600s; send_timeout 3600s; proxy_next_upstream error timeout;
            """;

    private static String upstream(ServerProcess one, ServerProcess two) {
        return "upstream replicas { server 127.0.0.1:" + one.port() + "; server 127.0.0.1:" + two.port() + "; }";
    }

    private Path file(int client) {
        return directory.resolve("client-" + client + ".zip");
    }

    private List<Long> downloaded(int clients) throws IOException {
        List<Long> sizes = new ArrayList<>();
        for (int client = 0; client < clients; client++) {
            sizes.add(Files.exists(file(client)) ? Files.size(file(client)) : 0);
        }
        return sizes;
    }

    private Process curl(Nginx nginx, int client, String... options) throws IOException {
        new ExternalTool("curl").requirePresent();
        List<String> command = new ArrayList<>(List.of(
                "curl",
                "-fsS",
                // While a server that has only just started is too busy; what is cut is not asked for again.
                "--retry",
                "30",
                "--retry-delay",
                "1",
                "-o",
                file(client).toString(),
                "-H",
                "Authorization: Bearer " + ServerProcess.token("alice")));
        command.addAll(List.of(options));
        command.add(nginx.uri("both", PATH).toString());
        return new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(new File("/dev/null"))
                .start();
    }

    private static long cut(List<Process> processes) {
        return processes.stream()
                .filter(process -> !process.isAlive() && CUT.contains(process.exitValue()))
                .count();
    }

    private static int exit(Process process) throws InterruptedException {
        assertThat(process.waitFor(3, TimeUnit.MINUTES)).as("curl ends").isTrue();
        return process.exitValue();
    }

    @Test
    void whatAKilledReplicaWasSendingSoonCountsNoMore() throws Exception {
        Map<String, String> two =
                Map.of("SLUICE_DELIVERY_MAX_STREAMS_PER_OWNER", "2", "SLUICE_DELIVERY_STALL_TIMEOUT", "1h");
        sparse("model/big.bin", SIZE);
        sparse("model/small.bin", 1);
        try (ServerProcess killed = ServerProcess.start(data, database, two);
                ServerProcess other = ServerProcess.start(data, database, two)) {
            killed.register("alice", "job");
            try (Wire first = reading(killed, BIG);
                    Wire second = reading(killed, BIG)) {
                Awaiting.until(
                        "the other counts them", () -> other.get(SMALL, "alice").statusCode() == 429);
                killed.kill();
                Awaiting.until(
                        "their lease is over", () -> other.get(SMALL, "alice").statusCode() == 200);
            }
        }
    }

    @Test
    void eachOfManyJobsIsPublishedOnce() throws Exception {
        try (ServerProcess one = start();
                ServerProcess two = start()) {
            for (int job = 0; job < 20; job++) {
                (job % 2 == 0 ? one : two).register("alice", "job-" + job);
                one.put("/api/training/job-" + job + "/files/model/weights.bin", new byte[] {(byte) job, 1, 2});
            }
            for (int job = 0; job < 20; job++) {
                (job % 2 == 0 ? two : one).complete("job-" + job);
            }
            for (int job = 0; job < 20; job++) {
                one.published("alice", "job-" + job);
            }
            for (int job = 0; job < 20; job++) {
                assertThat(two.models("alice", "job-" + job)).hasSize(1);
            }
        }
    }

    /** It had all but written the model when it was stopped, and its lease went to the other. */
    @Test
    void aReplicaThatWasPausedBeyondItsLeaseDoesNotPublish() throws Exception {
        Path weights = data.resolve("workspace/late/model/weights.bin");
        Files.createDirectories(weights.getParent());
        Files.write(weights, new byte[1000]);
        try (ServerProcess paused = start()) {
            paused.register("alice", "late");
            try (Connection connection = database.owner();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                // Where its contents are referred to, before the model is written.
                statement.execute("lock table sluice.blobs in exclusive mode");
                paused.complete("late");
                Awaiting.until("it has the job and waits", () -> waiting(statement));
                signal(paused, "STOP");
                connection.rollback();
            }
            endLease();
            try (ServerProcess other = start()) {
                String model = other.published("alice", "late");
                signal(paused, "CONT");
                paused.awaitLog(Pattern.compile("lease \\d+ on job late is over|Job late could not be published"));
                assertThat(other.models("alice", "late")).containsExactly(model);
                assertThat(other.get("/api/models/" + model + "/files/weights.bin", "alice")
                                .body())
                        .isEqualTo(new byte[1000]);
            }
            assertThat(paused.log()).doesNotContain("Published model");
        }
    }

    private static boolean waiting(Statement statement) throws Exception {
        return statement
                .executeQuery("select from pg_locks where not granted and relation = 'sluice.blobs'::regclass")
                .next();
    }

    private static void signal(ServerProcess server, String name) throws IOException, InterruptedException {
        new ExternalTool("kill")
                .run(Path.of("."), "-" + name, server.handle().pid())
                .succeeded();
    }

    /** As time does. */
    private void endLease() {
        TestDatabase.await(database.database()
                .as(
                        new Actor.Background(),
                        connection -> connection
                                .query(
                                        "update jobs set publish_lease_until = now() where publish_lease_until is not null")
                                .execute()));
    }
}
