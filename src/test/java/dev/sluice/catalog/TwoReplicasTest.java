package dev.sluice.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.database.TestDatabase;
import dev.sluice.delivery.Supervision;
import dev.sluice.delivery.TransferLimits;
import dev.sluice.delivery.TransferSupervisor;
import dev.sluice.ingest.AllowedHosts;
import dev.sluice.ingest.FetchLimits;
import dev.sluice.ingest.Fetcher;
import dev.sluice.ingest.ScriptedUpstream;
import dev.sluice.ingest.TrustedAuthorities;
import dev.sluice.ingest.UpstreamCredentials;
import dev.sluice.metrics.Meters;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two replicas on one database and one data directory. */
class TwoReplicasTest {
    private static final TransferLimits.Limit PLENTY = new TransferLimits.Limit(100, 100);
    private static final Duration LEASE = Duration.ofSeconds(60);
    private static final String TAG = "\"v1\"";
    private static final byte[] CONTENT = new byte[200_000];

    @TempDir
    Path directory;

    private final CountDownLatch release = new CountDownLatch(1);
    private TestDatabase database;
    private CatalogQueries queries;
    private ScriptedUpstream upstream;

    @BeforeEach
    void start() {
        new Random(1).nextBytes(CONTENT);
        database = TestDatabase.fresh();
        queries = new CatalogQueries(database.database());
        upstream = new ScriptedUpstream((request, reply) -> {
            if (request.number() == 1) {
                reply.head(200, "ETag", TAG, "Content-Length", "200000").body(CONTENT, 0, 100_000);
                release.await();
            } else {
                reply.good(request, CONTENT, TAG);
            }
        });
    }

    @AfterEach
    void stop() {
        release.countDown();
        upstream.close();
        database.close();
    }

    /** One server's part in the catalog. */
    private final class Replica implements AutoCloseable {
        final Vertx vertx = Vertx.vertx();
        final CatalogWorker worker;
        final Supervision supervision;
        private final Fetcher fetcher;

        Replica() throws IOException {
            this(100);
        }

        /** @param ingests fetches at a time */
        Replica(int ingests) throws IOException {
            supervision = new Supervision(
                    new TransferLimits(
                            PLENTY, PLENTY, new TransferLimits.Limit(ingests, ingests), Duration.ofMinutes(1)),
                    new Meters(),
                    System::nanoTime);
            TestDatabase.await(vertx.deployVerticle(new TransferSupervisor(supervision, Map.of())));
            WorkerExecutor threads = vertx.createSharedWorkerExecutor("replica", 4);
            fetcher = new Fetcher(
                    vertx,
                    threads,
                    directory.resolve("ingest"),
                    FetchLimits.of(Duration.ofSeconds(60), 1 << 20),
                    new AllowedHosts(List.of("127.0.0.1")),
                    UpstreamCredentials.NONE,
                    TrustedAuthorities.OF_THE_JDK);
            Catalog catalog = Catalog.parse(
                    "models: [{id: model, name: Model, file_name: m.gguf, url: \"" + upstream.url("/m") + "\"}]",
                    "test");
            worker = new CatalogWorker(
                    vertx,
                    threads,
                    catalog,
                    queries,
                    new CatalogFiles(directory.resolve("catalog")),
                    fetcher,
                    supervision,
                    new CatalogWorker.Pace(Duration.ofMillis(50), Duration.ofMillis(50), LEASE, 2));
        }

        @Override
        public void close() {
            TestDatabase.await(worker.stop());
            TestDatabase.await(fetcher.close());
            TestDatabase.await(vertx.close());
        }
    }

    private CatalogDownload asked() {
        return TestDatabase.await(queries.request("model", "root", "request", OptionalLong.empty(), 1))
                .download();
    }

    private CatalogDownload now() {
        return TestDatabase.await(queries.find("model")).orElseThrow();
    }

    private void await(String what, Predicate<CatalogDownload> condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.test(now())) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
        }
    }

    private void assertKept() throws IOException {
        CatalogDownload.KeptFile file = now().file().orElseThrow();
        assertThat(Files.readAllBytes(directory.resolve("catalog").resolve(file.sha256())))
                .isEqualTo(CONTENT);
    }

    @Test
    void whatOneReplicaGivesBackTheOtherGoesOnWith() throws Exception {
        asked();
        try (Replica second = new Replica()) {
            try (Replica first = new Replica()) {
                first.worker.start();
                await("half of it", download -> download.bytes() == 100_000);
                assertThat(TestDatabase.await(queries.claim(LEASE, 2)))
                        .as("nothing is left for others")
                        .isEmpty();
                assertThat(upstream.requests()).as("one of them fetches").hasSize(1);
            }
            assertThat(now().status()).isEqualTo(DownloadStatus.QUEUED);
            second.worker.start();
            await("completed", download -> download.status() == DownloadStatus.COMPLETED);
        }
        assertKept();
        assertThat(upstream.requests().get(1).header("Range")).isEqualTo("bytes=100000-199999");
    }

    @Test
    void aReplicaThatIsTakenForDeadLosesTheRowAndItsBytesToTheOther() throws Exception {
        asked();
        // The first holds a claim and never reports, as a process that is stopped.
        CatalogDownload stopped = TestDatabase.await(queries.claim(LEASE, 2)).orElseThrow();
        assertThat(TestDatabase.await(queries.claim(LEASE, 2)))
                .as("while the lease lasts")
                .isEmpty();
        endLease();
        release.countDown();
        try (Replica second = new Replica()) {
            second.worker.start();
            await("completed", download -> download.status() == DownloadStatus.COMPLETED);
        }
        // It wakes up.
        String wrong = "0".repeat(64);
        assertThat(TestDatabase.await(
                        queries.report(stopped, DownloadStatus.DOWNLOADING, 1, OptionalLong.empty(), 0, LEASE)))
                .isEmpty();
        assertThat(TestDatabase.await(queries.complete(stopped, wrong, 1, true)))
                .isEmpty();
        assertThat(TestDatabase.await(queries.fail(stopped, "late"))).isEmpty();
        assertKept();
    }

    @Test
    void fewAreFetchedAtATimeOnAllReplicasTogether() {
        for (String id : List.of("a", "b", "c")) {
            TestDatabase.await(queries.request(id, "root", "request", OptionalLong.empty(), 1));
        }
        Optional<CatalogDownload> first = TestDatabase.await(queries.claim(LEASE, 2));
        assertThat(first.orElseThrow().modelId()).as("the oldest").isEqualTo("a");
        assertThat(TestDatabase.await(queries.claim(LEASE, 2))).isPresent();
        assertThat(TestDatabase.await(queries.claim(LEASE, 2))).isEmpty();
        TestDatabase.await(queries.fail(first.get(), "over"));
        assertThat(TestDatabase.await(queries.claim(LEASE, 2)).orElseThrow().modelId())
                .isEqualTo("c");
    }

    @Test
    void askedForByManyAtOnceItIsOneDownload() throws Exception {
        List<Future<CatalogQueries.Requested>> requests = IntStream.range(0, 8)
                .mapToObj(replica -> new CatalogQueries(database.database())
                        .request("model", "root-" + replica, "request", OptionalLong.empty(), 1))
                .toList();
        TestDatabase.await(Future.all(requests));
        assertThat(requests).filteredOn(request -> request.result().begun()).hasSize(1);
        upstream.script((request, reply) -> reply.good(request, CONTENT, TAG));
        try (Replica one = new Replica();
                Replica other = new Replica()) {
            one.worker.start();
            other.worker.start();
            await("completed", download -> download.status() == DownloadStatus.COMPLETED);
        }
        assertThat(upstream.requests()).hasSize(1);
        assertKept();
    }

    @Test
    void whoLosesTheRowStopsFetchingAndSaysNothing() throws Exception {
        CountDownLatch left = new CountDownLatch(1);
        upstream.script((request, reply) -> {
            reply.head(200, "ETag", TAG, "Content-Length", "200000").body(CONTENT, 0, 100_000);
            reply.hang();
            left.countDown();
        });
        asked();
        try (Replica old = new Replica()) {
            old.worker.start();
            await("half of it", download -> download.bytes() == 100_000);
            sql("update sluice.catalog_downloads set fence = nextval('sluice.catalog_fences'),"
                    + " lease_until = clock_timestamp() + interval '1 day'");
            assertThat(left.await(30, TimeUnit.SECONDS)).as("it leaves").isTrue();
        }
        assertThat(now().status()).isEqualTo(DownloadStatus.DOWNLOADING);
        assertThat(now().error()).isEmpty();
        assertThat(upstream.requests()).hasSize(1);
    }

    @Test
    void aPermitThatIsRefusedIsWaitedForInTheQueue() throws Exception {
        upstream.script((request, reply) -> reply.good(request, CONTENT, TAG));
        try (Replica replica = new Replica(1)) {
            Promise<Void> upload = Promise.promise();
            replica.supervision.ingest("a trainer", upload::future);
            long before = asked().fence();
            replica.worker.start();
            await("refused, and claimed again", download -> download.fence() >= before + 2);
            assertThat(upstream.requests()).isEmpty();
            assertThat(now().error()).isEmpty();
            upload.complete();
            await("completed", download -> download.status() == DownloadStatus.COMPLETED);
        }
        assertKept();
    }

    private void endLease() throws Exception {
        sql("update sluice.catalog_downloads set lease_until = clock_timestamp()");
    }

    private void sql(String update) throws Exception {
        try (Connection connection = database.owner();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("set local role sluice_server");
            statement.execute("select sluice.act_as('background', '')");
            assertThat(statement.executeUpdate(update)).isEqualTo(1);
            connection.commit();
        }
    }
}
