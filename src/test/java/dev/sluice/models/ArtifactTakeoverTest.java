package dev.sluice.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.database.TestDatabase;
import dev.sluice.ingest.Fetch;
import dev.sluice.ingest.Fetcher;
import dev.sluice.models.PublicationQueries.Lease;
import dev.sluice.storage.BlobId;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Servers that stop, or are taken for dead, amid the artifacts of a job; and the next. */
class ArtifactTakeoverTest extends ArtifactFixture {
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
}
