package dev.sluice.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.database.TestDatabase;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The artifacts of one job, fetched by whichever server is there, as often as it takes. */
class ArtifactFetchTest extends ArtifactFixture {
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
}
