package dev.sluice.server;

import static dev.sluice.server.Responses.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.database.Actor;
import dev.sluice.database.TestDatabase;
import io.vertx.sqlclient.Tuple;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Many CI jobs of one owner after the same artifact, and an owner whose right ends, on two servers of one database. */
class HerdTest {
    private static final String ZIP = "/api/training/run-1/download/model";
    private static final int HERD = 500;
    private static final int HERDS = 5;

    @Test
    void fiveHundredDownloadsOfOneArtifactCostAHandfulOfQueries() {
        try (TestServer server = TestServer.builder()
                .with("delivery.max-streams", "1000")
                .with("delivery.max-streams-per-owner", "1000")
                .start()) {
            // Not completed, for what a completed job brings about in the background asks too.
            server.register("alice", "run-1");
            server.write("run-1", "model/weights.bin", new byte[300_000]);
            byte[] whole = server.get(server.token("alice"), ZIP).body();
            // So many for each second that it takes, and never one for each download: on a busy machine a herd takes
            // many seconds.
            double asked = Double.MAX_VALUE;
            for (int herd = 0; herd < HERDS && asked > HERD / 10.0; herd++) {
                double before = asked(server);
                come(server, whole);
                asked = asked(server) - before;
            }
            assertThat(asked).isBetween(1.0, HERD / 10.0);
        }
    }

    private static void come(TestServer server, byte[] whole) {
        HttpClient herd =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        HttpRequest request = server.request(server.token("alice"), ZIP).build();
        List<CompletableFuture<HttpResponse<byte[]>>> downloads =
                Stream.generate(() -> download(herd, request)).limit(HERD).toList();
        for (CompletableFuture<HttpResponse<byte[]>> download : downloads) {
            assertThat(download.join().statusCode()).isEqualTo(200);
            assertThat(download.join().body()).isEqualTo(whole);
        }
    }

    /** Comes again when the server is too busy to write down who comes, as clients do. */
    private static CompletableFuture<HttpResponse<byte[]>> download(HttpClient herd, HttpRequest request) {
        Executor later = CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS);
        return herd.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray())
                .thenCompose(response -> response.statusCode() == 503
                        ? CompletableFuture.completedFuture(request)
                                .thenComposeAsync(again -> download(herd, again), later)
                        : CompletableFuture.completedFuture(response));
    }

    private static double asked(TestServer server) {
        return new Metrics(server).value("sluice_database_asked_total");
    }

    @Test
    void aChangeIsSeenAtOnceWhereItIsMade() {
        try (TestServer server = TestServer.start()) {
            server.register("alice", "run-1");
            server.write("run-1", "model/weights.bin", new byte[300_000]);
            String token = server.token("alice");
            assertThat(server.get(token, ZIP, "Range", "bytes=1-2").statusCode())
                    .as("while it runs an unconditional range gets the whole")
                    .isEqualTo(200);
            server.patch(server.trainer(), "/api/training/jobs/run-1", "{\"status\":\"running\"}");
            server.patch(server.trainer(), "/api/training/jobs/run-1", "{\"status\":\"completed\"}");
            assertThat(server.get(token, ZIP, "Range", "bytes=1-2").statusCode())
                    .as("what was kept is forgotten")
                    .isEqualTo(206);
        }
    }

    @Test
    void aRevokedRightIsGoneOnEveryReplicaWithinFiveSeconds() throws Exception {
        try (TestServer one = TestServer.start();
                TestServer other = TestServer.builder()
                        .with("database.url", one.database().url())
                        .start()) {
            // Not completed: a published model keeps its job where it is.
            one.register("alice", "run-1");
            one.write("run-1", "model/weights.bin", new byte[300_000]);
            other.write("run-1", "model/weights.bin", new byte[300_000]);
            assertThat(other.get(other.token("alice"), ZIP).statusCode()).isEqualTo(200);
            assertThat(one.get(one.token("alice"), ZIP).statusCode()).isEqualTo(200);
            giveTo("bob", one);
            long revoked = System.nanoTime();
            for (TestServer server : List.of(one, other)) {
                long asked = System.nanoTime();
                while (server.get(server.token("alice"), ZIP).statusCode() != 404) {
                    // Who asked before that may be told later, on a machine that is slow.
                    assertThat(asked - revoked).isLessThan(TimeUnit.SECONDS.toNanos(5));
                    Thread.sleep(50);
                    asked = System.nanoTime();
                }
                assertThat(server.get(server.token("bob"), ZIP).statusCode()).isEqualTo(200);
            }
        }
    }

    @Test
    void whatIsSaidOfAJobIsOldOnNoReplicaForMoreThanFiveSeconds() throws Exception {
        try (TestServer one = TestServer.start();
                TestServer other = TestServer.builder()
                        .with("database.url", one.database().url())
                        .start()) {
            one.register("alice", "run-1");
            for (TestServer server : List.of(one, other)) {
                assertThat(status(server)).isEqualTo("pending");
                assertThat(status(server)).isEqualTo("pending");
            }
            one.patch(one.trainer(), "/api/training/jobs/run-1", "{\"status\":\"running\"}");
            long changed = System.nanoTime();
            assertThat(status(one)).as("where it was changed").isEqualTo("running");
            long asked = System.nanoTime();
            while (!status(other).equals("running")) {
                assertThat(asked - changed).isLessThan(TimeUnit.SECONDS.toNanos(5));
                Thread.sleep(50);
                asked = System.nanoTime();
            }
        }
    }

    private static String status(TestServer server) {
        return json(server.get(server.token("alice"), "/api/training/jobs/run-1"))
                .getString("status");
    }

    private static void giveTo(String owner, TestServer server) {
        TestDatabase.await(server.database()
                .database()
                .as(
                        new Actor.Ingest(),
                        connection -> connection
                                .preparedQuery("update jobs set owner = $1")
                                .execute(Tuple.of(owner))));
    }
}
