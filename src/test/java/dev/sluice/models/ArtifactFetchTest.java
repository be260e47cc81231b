package dev.sluice.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.database.Actor;
import dev.sluice.database.TestDatabase;
import dev.sluice.ingest.Fetch;
import dev.sluice.ingest.Fetcher;
import dev.sluice.ingest.ScriptedUpstream;
import dev.sluice.models.PublicationQueries.Lease;
import dev.sluice.storage.BlobId;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The artifacts of one job, fetched by several servers on one database, of which some stop. */
class ArtifactFetchTest {
    private static final String TAG = "\"v1\"";
    private static final byte[] CONTENT = new byte[200_000];
    private static final int HALF = 100_000;

    @TempDir
    Path volume;

    private TestDatabase database;
    private ScriptedUpstream upstream;
    private final CountDownLatch released = new CountDownLatch(1);

    @BeforeEach
    void open() {
        new Random(1).nextBytes(CONTENT);
        database = TestDatabase.fresh();
        upstream = new ScriptedUpstream((request, reply) -> reply.good(request, CONTENT, TAG));
    }

    @AfterEach
    void close() {
        released.countDown();
        upstream.close();
        database.close();
    }

    /** A completed job with these files left elsewhere. */
    private void job(String... paths) {
        JsonArray artifacts = new JsonArray();
        Stream.of(paths)
                .forEach(
                        path -> artifacts.add(new JsonObject().put("path", path).put("url", upstream.url("/" + path))));
        sql(
                "insert into jobs (job_id, owner, name, status, completed_at, artifact_urls) values ('run', 'ann', 'run', 'completed', now(), '"
                        + artifacts.encode() + "')");
    }

    private PublishingReplica replica() throws Exception {
        return new PublishingReplica(database, volume).start();
    }

    /** First half a file, then nothing more until it is released. */
    private void stopsAmidTheFirst() {
        upstream.script((request, reply) -> {
            if (request.number() == 1) {
                reply.head(200, "ETag", TAG, "Content-Length", "200000").body(CONTENT, 0, HALF);
                released.await();
                reply.body(CONTENT, HALF, CONTENT.length);
            } else {
                reply.good(request, CONTENT, TAG);
            }
        });
    }

    private void awaitPublished() {
        until("published", () -> text("select publication from jobs").equals("published"));
        assertThat(text("select count(*)::text from models")).isEqualTo("1");
        assertThat(text("select coalesce(publish_error, 'none') from jobs")).isEqualTo("none");
        assertThat(text("select count(*)::text from fetched_artifacts")).isEqualTo("0");
        assertThat(rows("select distinct size from model_files"))
                .extracting(row -> row.getLong(0))
                .containsExactly((long) CONTENT.length);
    }

    private List<String> asked() {
        return upstream.requests().stream().map(ScriptedUpstream.Request::path).toList();
    }

    private List<String> audited() {
        return rows("select event_type from audit where action = 'fetch' and resource_id = 'run' order by at").stream()
                .map(row -> row.getString(0))
                .toList();
    }

    @Test
    void twoReplicasFetchEachArtifactOnce() throws Exception {
        List<List<String>> recordedBefore = Collections.synchronizedList(new ArrayList<>());
        upstream.script((request, reply) -> {
            recordedBefore.add(audited());
            reply.good(request, CONTENT, TAG);
        });
        job("a", "b", "c");
        try (PublishingReplica one = replica();
                PublishingReplica other = replica()) {
            awaitPublished();
        }
        assertThat(asked()).containsExactlyInAnyOrder("/a", "/b", "/c");
        assertThat(recordedBefore)
                .as("before the first byte")
                .allSatisfy(events -> assertThat(events).containsExactly("job.fetch.started"));
        assertThat(audited()).containsExactly("job.fetch.started", "job.fetch.completed");
        JsonObject completed =
                new JsonObject(text("select details::text from audit where event_type = 'job.fetch.completed'"));
        assertThat(completed.getLong("bytes")).isEqualTo(600_000);
        assertThat(completed.getInteger("files")).isEqualTo(3);
    }

    @Test
    void whatADeadReplicaHadBegunAnotherGoesOnWithWhenItsLeaseIsOver() throws Exception {
        job("w");
        stopsAmidTheFirst();
        Vertx vertx = Vertx.vertx();
        WorkerExecutor worker = vertx.createSharedWorkerExecutor("dead", 2);
        Fetcher dead = PublishingReplica.fetcher(vertx, worker, volume);
        PublicationQueries publications = new PublicationQueries(database.database());
        Lease lease =
                TestDatabase.await(publications.claim(Duration.ofHours(1))).orElseThrow();
        Fetch fetch =
                dead.start(Artifacts.request(lease.job(), lease.artifacts().get(0)));
        until("half of it", () -> fetch.progress().bytes() == HALF);
        // As a process ends, but for its locks: nobody gives the job back.
        TestDatabase.await(dead.close());
        TestDatabase.await(vertx.close());

        try (PublishingReplica next = replica()) {
            assertThat(TestDatabase.await(publications.claim(Duration.ofHours(1))))
                    .as("while the lease lasts")
                    .isEmpty();
            endLease();
            awaitPublished();
        }
        assertThat(upstream.requests().get(1).header("Range")).isEqualTo("bytes=100000-199999");
        assertThat(upstream.requests().get(1).header("If-Range")).isEqualTo(TAG);
    }

    @Test
    void whatAServerWasFetchingThatStopsAnotherGoesOnWithAtOnce() throws Exception {
        job("w");
        CountDownLatch half = new CountDownLatch(1);
        upstream.script((request, reply) -> {
            if (request.number() == 1) {
                reply.head(200, "ETag", TAG, "Content-Length", "200000").body(CONTENT, 0, HALF);
                half.countDown();
                reply.hang();
            } else {
                reply.good(request, CONTENT, TAG);
            }
        });
        try (PublishingReplica first = replica()) {
            assertThat(half.await(30, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(text("select (publish_lease_until is null and publish_attempts = 0)::text from jobs"))
                .as("given back, and no failure")
                .isEqualTo("true");
        try (PublishingReplica next = replica()) {
            awaitPublished();
        }
        assertThat(audited()).containsExactly("job.fetch.started", "job.fetch.completed");
    }

    @Test
    void whoLosesItsLeaseStopsFetchingAndSaysNothing() throws Exception {
        job("w");
        CountDownLatch left = new CountDownLatch(1);
        upstream.script((request, reply) -> {
            reply.head(200, "ETag", TAG, "Content-Length", "200000").body(CONTENT, 0, HALF);
            reply.hang();
            left.countDown();
        });
        try (PublishingReplica old = replica()) {
            until("it is fetched", () -> asked().size() == 1);
            sql("update jobs set publish_fence = publish_fence + 1, publish_lease_until = now() + interval '1 day'");
            assertThat(left.await(30, TimeUnit.SECONDS)).as("it leaves").isTrue();
        }
        assertThat(asked()).hasSize(1);
        assertThat(text("select (publish_lease_until > now() + interval '12 h')::text from jobs"))
                .as("the lease is the other's still")
                .isEqualTo("true");
        assertThat(text("select coalesce(publish_error, 'none') from jobs")).isEqualTo("none");
        assertThat(audited()).containsExactly("job.fetch.started");
    }

    @Test
    void aFetchThatFailsIsTriedAgainLaterEachTime() throws Exception {
        job("w");
        upstream.script((request, reply) -> reply.status(500));
        try (PublishingReplica replica = replica()) {
            int[][] minutes = {{20, 60}, {50, 120}, {80, 180}, {80, 180}};
            for (int attempt = 1; attempt <= minutes.length; attempt++) {
                String failed =
                        "select (publish_lease_until is null and publish_error is not null and publish_attempts = "
                                + attempt + " and publish_at > now())::text from jobs";
                until("attempt " + attempt + " has failed", () -> text(failed).equals("true"));
                assertThat(Double.parseDouble(
                                text("select (extract(epoch from publish_at - now()) / 60)::text from jobs")))
                        .as("minutes to the next")
                        .isBetween((double) minutes[attempt - 1][0], (double) minutes[attempt - 1][1]);
                assertThat(asked()).hasSize(attempt);
                if (attempt == minutes.length) {
                    upstream.script((request, reply) -> reply.good(request, CONTENT, TAG));
                }
                sql("update jobs set publish_at = now()");
            }
            awaitPublished();
        }
        assertThat(audited())
                .as("the same failure once")
                .containsExactly("job.fetch.started", "job.fetch.failed", "job.fetch.completed");
    }

    @Test
    void whatWasFetchedIsNotFetchedAgainByWhoeverTriesNext() throws Exception {
        job("a", "b", "bad");
        upstream.script((request, reply) -> {
            if (request.path().equals("/bad")) {
                until(
                        "the others are here",
                        () -> text("select count(*)::text from fetched_artifacts")
                                .equals("2"));
                reply.status(500);
            } else {
                reply.good(request, CONTENT, TAG);
            }
        });
        try (PublishingReplica one = replica()) {
            until(
                    "it has failed",
                    () -> text("select (publish_error is not null)::text from jobs")
                            .equals("true"));
        }
        assertThat(new JsonObject(text("select details::text from audit where event_type = 'job.fetch.failed'"))
                        .getLong("bytes"))
                .isEqualTo(400_000);
        assertThat(text("select blob_is_referenced(sha256)::text from fetched_artifacts limit 1"))
                .isEqualTo("true");
        upstream.script((request, reply) -> reply.good(request, CONTENT, TAG));
        sql("update jobs set publish_at = now()");
        try (PublishingReplica other = replica()) {
            awaitPublished();
        }
        assertThat(asked()).containsExactlyInAnyOrder("/a", "/b", "/bad", "/bad");
    }

    @Test
    void whatWasFetchedAndNobodyGoesOnWithIsForgotten() throws Exception {
        whatIsKept();
        ArtifactQueries artifacts = new ArtifactQueries(database.database());
        assertThat(TestDatabase.await(artifacts.collect(Duration.ofHours(1)))).isZero();
        sql("update jobs set publish_lease_until = now() + interval '1 h'");
        assertThat(TestDatabase.await(artifacts.collect(Duration.ZERO)))
                .as("while it is being published")
                .isZero();
        endLease();
        assertThat(TestDatabase.await(artifacts.collect(Duration.ZERO))).isEqualTo(1);
    }

    @Test
    void whoHasLostTheJobAddsNothingToIt() throws Exception {
        job("w");
        PublicationQueries publications = new PublicationQueries(database.database());
        Lease stale =
                TestDatabase.await(publications.claim(Duration.ofHours(1))).orElseThrow();
        endLease();
        assertThat(TestDatabase.await(publications.claim(Duration.ofHours(1)))).isPresent();
        ModelFile file = new ModelFile(
                "w",
                3,
                0644,
                Instant.EPOCH,
                Optional.of(new BlobId("0".repeat(64), 3)),
                0,
                Optional.empty(),
                Inspection.NOTHING);
        assertThatThrownBy(() -> TestDatabase.await(new ArtifactQueries(database.database())
                        .keep(stale, stale.artifacts().get(0), file)))
                .hasStackTraceContaining("is over");
        TestDatabase.await(new ArtifactQueries(database.database()).begin(stale));
        assertThat(audited()).isEmpty();
    }

    private void whatIsKept() throws Exception {
        job("a", "gone");
        upstream.script((request, reply) -> {
            if (request.path().equals("/gone")) {
                until(
                        "the other is here",
                        () -> text("select count(*)::text from fetched_artifacts")
                                .equals("1"));
                reply.status(404);
            } else {
                reply.good(request, CONTENT, TAG);
            }
        });
        try (PublishingReplica replica = replica()) {
            until(
                    "it has failed",
                    () -> text("select (publish_at = 'infinity')::text from jobs")
                            .equals("true"));
        }
        assertThat(text("select fetch_begun::text from jobs")).as("it is over").isEqualTo("false");
    }

    @Test
    void aPermitThatIsRefusedIsWaitedForAndIsNoFailure() throws Exception {
        job("w");
        try (PublishingReplica replica = new PublishingReplica(database, volume, 1)) {
            Promise<Void> other = Promise.promise();
            replica.supervision.ingest("bob", other::future);
            replica.start();
            until(
                    "it was refused and has come again",
                    () -> text("select (publish_fence >= 2)::text from jobs").equals("true"));
            assertThat(asked()).isEmpty();
            assertThat(text("select coalesce(publish_error, 'none') from jobs")).isEqualTo("none");
            assertThat(audited()).isEmpty();
            other.complete();
            awaitPublished();
        }
        assertThat(audited()).containsExactly("job.fetch.started", "job.fetch.completed");
    }

    @Test
    void aDatabaseThatDoesNotAnswerMeanwhileIsNoFailureOfTheJob() throws Exception {
        job("w");
        stopsAmidTheFirst();
        try (PublishingReplica replica = replica();
                Connection connection = database.owner();
                Statement statement = connection.createStatement()) {
            until("it is fetched", () -> asked().size() == 1);
            connection.setAutoCommit(false);
            statement.execute("lock table sluice.fetched_artifacts, sluice.models in access exclusive mode");
            released.countDown();
            until(
                    "it is given back for later",
                    () -> text("select (publish_lease_until is null and publish_at > now())::text from jobs")
                            .equals("true"));
            assertThat(text("select coalesce(publish_error, 'none') from jobs")).isEqualTo("none");
            assertThat(text("select publish_attempts::text from jobs")).isEqualTo("0");
            connection.rollback();
            sql("update jobs set publish_at = now()");
            awaitPublished();
        }
        assertThat(audited()).containsExactly("job.fetch.started", "job.fetch.completed");
    }

    /** As time does. */
    private void endLease() {
        sql("update jobs set publish_lease_until = now() - interval '1 s'");
    }

    private String text(String sql) {
        return rows(sql).get(0).getString(0);
    }

    private List<Row> rows(String sql) {
        return TestDatabase.await(database.database()
                .as(
                        new Actor.Background(),
                        connection -> connection
                                .query(sql)
                                .execute()
                                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                                        .toList())));
    }

    private void sql(String sql) {
        TestDatabase.await(database.database()
                .as(new Actor.Background(), connection -> connection.query(sql).execute()));
    }

    private static void until(String what, Callable<Boolean> condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        try {
            while (!condition.call()) {
                assertThat(System.nanoTime()).as(what).isLessThan(deadline);
                Thread.sleep(10);
            }
        } catch (RuntimeException failed) {
            throw failed;
        } catch (Exception failed) {
            throw new AssertionError(what, failed);
        }
    }
}
