package dev.sluice.models;

import static dev.sluice.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.database.Actor;
import dev.sluice.database.TestDatabase;
import dev.sluice.http.Paging;
import dev.sluice.http.ProblemException;
import dev.sluice.jobs.ArtifactUrl;
import dev.sluice.jobs.Job;
import dev.sluice.models.PublicationQueries.Lease;
import io.vertx.core.Future;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Leases and versions among several publishers at once, on a real database. */
class PublicationTest {
    private static final Duration TERM = Duration.ofMinutes(1);

    private TestDatabase database;
    private PublicationQueries publications;
    private ModelQueries models;
    private ModelChanges changes;

    @BeforeEach
    void open() {
        database = TestDatabase.fresh();
        publications = new PublicationQueries(database.database());
        models = new ModelQueries(database.database());
        changes = new ModelChanges(database.database());
        sql(
                "insert into jobs (job_id, owner, name, status, completed_at) values ('run', 'ann', 'run', 'completed', now())");
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void ofManyPublishersOneGetsTheJob() {
        List<Future<Optional<Lease>>> claims = IntStream.range(0, 8)
                .mapToObj(replica -> publications.claim(TERM))
                .toList();
        await(Future.all(claims));
        assertThat(claims).filteredOn(claim -> claim.result().isPresent()).hasSize(1);
    }

    @Test
    void whoWasStoppedPastItsLeaseCommitsNothing() {
        Lease first = await(publications.claim(TERM)).orElseThrow();
        sql("update jobs set publish_lease_until = now() - interval '1 s'");
        Lease second = await(publications.claim(TERM)).orElseThrow();
        assertThat(second.fence()).isGreaterThan(first.fence());
        assertThatThrownBy(() -> await(publications.publish(first, model(first.job(), "run"))))
                .hasStackTraceContaining("is over");
        assertThatThrownBy(() -> await(publications.renew(first, TERM))).hasStackTraceContaining("is over");
        assertThat(list("ann", 1).total()).isZero();
        Model published = await(publications.publish(second, model(second.job(), "run")));
        assertThat(published.version()).isEqualTo(1);
        assertThat(list("ann", 1).total()).isEqualTo(1);
        assertThat(await(publications.claim(TERM))).isEmpty();
    }

    @Test
    void modelFilesNotificationAuditAndTheEndOfTheLeaseAreOneTransaction() throws Exception {
        try (Connection owner = database.owner();
                Statement statement = owner.createStatement()) {
            statement.execute("""
                    create function refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$;
                    create trigger refuse before insert on audit for each row execute function refuse()""");
            Lease lease = await(publications.claim(TERM)).orElseThrow();
            assertThatThrownBy(() -> await(publications.publish(lease, model(lease.job(), "run"))))
                    .hasStackTraceContaining("refused");
            assertThat(counts()).isEqualTo("0 0 0 0 due");
            statement.execute("drop trigger refuse on audit");
            await(publications.publish(lease, model(lease.job(), "run")));
            assertThat(counts()).isEqualTo("1 1 1 1 published");
        }
    }

    /** Of models, files, notifications and audit. */
    private String counts() {
        return await(database.database()
                        .as(
                                new Actor.Background(),
                                connection -> connection.query("""
                        select concat_ws(' ', (select count(*) from models), (select count(*) from model_files),
                            (select count(*) from notifications), (select count(*) from audit),
                            (select publication from jobs where job_id = 'run')) as counts""").execute()))
                .iterator()
                .next()
                .getString("counts");
    }

    @Test
    void aJobIsPublishedOnceAlsoAfterItsModelWasDeletedAndPurged() {
        Lease lease = await(publications.claim(TERM)).orElseThrow();
        Model published = await(publications.publish(lease, model(lease.job(), "run")));
        await(changes.delete("ann", List.of(published.id()), ""));
        assertThat(await(publications.claim(TERM))).isEmpty();
        assertThat(await(changes.purge(Duration.ofHours(1)))).isZero();
        assertThat(await(changes.purge(Duration.ZERO))).isEqualTo(1);
        assertThat(await(publications.claim(TERM))).isEmpty();
        assertThatThrownBy(() -> await(changes.restore("ann", published.id(), "")))
                .isInstanceOf(ProblemException.class);
    }

    @Test
    void aJobThatIsBeingWrittenToWaits() {
        sql("insert into open_uploads (job_id, expires_at) values ('run', now() + interval '1 min')");
        assertThat(await(publications.claim(TERM))).isEmpty();
        sql("update open_uploads set expires_at = now() - interval '1 s'");
        assertThat(await(publications.claim(TERM))).isPresent();
    }

    @Test
    void aFailureIsOnTheJobAndTheNextTryIsLater() {
        sql(
                "insert into jobs (job_id, owner, name, status, publish_at) values ('other', 'bob', 'other', 'completed', now() + interval '1 s')");
        Lease lease = await(publications.claim(TERM)).orElseThrow();
        await(publications.fail(lease, Optional.of(Duration.ofHours(1)), "Publishing failed: x", 0));
        sql("update jobs set publish_at = now() where job_id = 'other'");
        assertThat(await(publications.claim(TERM)).orElseThrow().job().owner()).isEqualTo("bob");
        assertThat(await(publications.claim(TERM))).isEmpty();
        sql("update jobs set publish_at = now() where job_id = 'run'");
        Lease again = await(publications.claim(TERM)).orElseThrow();
        assertThat(again.attempts()).isEqualTo(2);
        assertThat(again.job().error()).isEqualTo("Publishing failed: x");
    }

    @Test
    void aLeaseThatWasGivenBackIsNotRenewedByARenewalThatComesLate() {
        Lease lease = await(publications.claim(TERM)).orElseThrow();
        await(publications.postpone(lease, Duration.ZERO));
        assertThatThrownBy(() -> await(publications.renew(lease, TERM))).hasStackTraceContaining("is over");
        assertThat(await(publications.claim(TERM))).isPresent();
    }

    @Test
    void whatCannotBeFetchedIsGivenUpOnceAndOnlyByWhoHoldsTheLease() {
        sql("update jobs set artifact_urls = '[{\"path\":\"a\",\"url\":\"http://h/a\",\"size\":3}]'");
        Lease first = await(publications.claim(TERM)).orElseThrow();
        assertThat(first.artifacts()).containsExactly(new ArtifactUrl("a", "http://h/a", null, 3L));
        sql("update jobs set publish_lease_until = now() - interval '1 s'");
        Lease second = await(publications.claim(TERM)).orElseThrow();
        await(publications.fail(first, Optional.empty(), "stale", 0));
        assertThat(await(publications.nextDue())).isPresent();
        await(publications.fail(second, Optional.empty(), "gone", 0));
        assertThat(await(publications.claim(TERM))).isEmpty();
        assertThat(await(publications.nextDue())).isEmpty();
        sql("update jobs set publish_at = now()");
        assertThat(await(publications.claim(TERM)).orElseThrow().job().error()).isEqualTo("gone");
    }

    @Test
    void savesOfOneNameAtOnceAreVersionsWithoutAGap() {
        Job job = await(publications.claim(TERM)).orElseThrow().job();
        List<Future<Model>> saves = IntStream.range(0, 8)
                .mapToObj(i -> changes.save(model(job, "churn"), ""))
                .toList();
        await(Future.all(saves));
        assertThat(saves).extracting(save -> save.result().version()).containsExactlyInAnyOrder(1, 2, 3, 4, 5, 6, 7, 8);
    }

    @Test
    void pagesOfTenThousandModelsAreWholeAndWithoutRepetition() {
        sql("insert into model_names values ('ann', 'many', 10000)");
        sql("""
                insert into models (owner, name, version, job_id, origin, convergence, size, safety, archive_tag, archive_size,
                    archive_sha256, quality_score, created_at)
                select 'ann', 'many', n, 'run', 'saved', 'good', n, 'safe', '', 0, '', 1 + n % 5, now() - (n / 100) * interval '1 s'
                from generate_series(1, 10000) n""");
        Set<UUID> seen = new HashSet<>();
        List<Integer> scores = new ArrayList<>();
        ModelFilter byQuality = new ModelFilter(null, null, null, null, null, null, false, true, false);
        long asked = database.database().asked();
        for (int page = 1; page <= 100; page++) {
            ModelQueries.Listed listed = await(models.list("ann", byQuality, new Paging(page, 100)));
            assertThat(listed.total()).isEqualTo(10_000);
            listed.models().forEach(model -> {
                seen.add(model.id());
                scores.add(model.qualityScore());
            });
        }
        assertThat(database.database().asked() - asked).as("one query a page").isEqualTo(100);
        assertThat(seen).hasSize(10_000);
        assertThat(scores).isSortedAccordingTo(java.util.Comparator.reverseOrder());
        ModelQueries.Listed beyond = list("ann", 1000);
        assertThat(beyond.models()).isEmpty();
        assertThat(beyond.total()).isEqualTo(10_000);
        ModelFilter latest = new ModelFilter("MAN", null, 1, null, null, null, true, false, false);
        assertThat(await(models.list("ann", latest, new Paging(1, 100))).models())
                .extracting(Model::version)
                .containsExactly(10_000);
        assertThat(await(models.list("bob", byQuality, new Paging(1, 100))).total())
                .isZero();
    }

    private ModelQueries.Listed list(String owner, int page) {
        ModelFilter all = new ModelFilter(null, null, null, null, null, null, false, false, false);
        return await(models.list(owner, all, new Paging(page, 100)));
    }

    private static NewModel model(Job job, String name) {
        return new NewModel(
                job,
                name.equals("run") ? "job" : "saved",
                name,
                "",
                List.of(),
                new Training(Quality.UNKNOWN, null, null, null),
                NewModel.AutoMl.NONE,
                List.of(ModelFile.directory("empty", Instant.EPOCH, 0755)),
                new Model.ArchiveDigest("tag", 22, "0".repeat(64)));
    }

    private void sql(String sql) {
        await(database.database()
                .as(new Actor.Background(), connection -> connection.query(sql).execute()));
    }
}
