package dev.sluice.jobs;

import static dev.sluice.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.database.Actor;
import dev.sluice.database.TestDatabase;
import dev.sluice.http.ProblemException;
import io.vertx.core.Future;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With a clock that stands still: nothing is forgotten because of its age. */
class RememberedJobsTest {
    private static final JobId ID = new JobId("run-1");

    private TestDatabase database;
    private JobQueries jobs;

    @BeforeEach
    void remember() throws InterruptedException {
        database = TestDatabase.fresh();
        jobs = new JobQueries(database.database(), () -> 0);
        until(() -> database.database().announcements().heard());
        await(jobs.register(new JobRegistration(ID, "alice", "first", null, Json.object(), null, List.of())));
        assertThat(name("alice")).isEqualTo("first");
        assertThat(name("alice")).isEqualTo("first");
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void whatIsRememberedIsNotAskedForAgain() {
        long asked = database.database().asked();
        assertThat(name("alice")).isEqualTo("first");
        assertThat(database.database().asked()).isEqualTo(asked);
    }

    @Test
    void aChangeMadeHereShowsAtOnce() {
        await(jobs.patch(ID, new JobPatch(JobStatus.RUNNING, null, null, null)));
        assertThat(await(jobs.current("alice", ID)).job().status()).isEqualTo(JobStatus.RUNNING);
    }

    @Test
    void aChangeMadeElsewhereShowsWhenItIsAnnounced() throws InterruptedException {
        sql("update jobs set name = 'second'");
        until(() -> name("alice").equals("second"));
    }

    @Test
    void whoLosesAJobElsewhereIsToldNoMoreOfIt() throws InterruptedException {
        sql("update jobs set owner = 'bob'");
        until(() -> isMissingFor("alice"));
        assertThat(name("bob")).isEqualTo("first");
    }

    @Test
    void whatIsRememberedForItsOwnerIsMissingForOthers() {
        assertThatThrownBy(() -> await(jobs.current("bob", ID))).hasStackTraceContaining("Job not found");
    }

    @Test
    void withoutAnnouncementsTheDatabaseIsAskedEachTime() throws InterruptedException {
        database.allowConnections(false);
        until(() -> !database.database().announcements().heard());
        assertThatThrownBy(() -> await(jobs.current("alice", ID))).hasStackTraceContaining("DatabaseUnavailable");
        database.allowConnections(true);
        sql("update jobs set name = 'second'");
        assertThat(name("alice")).isEqualTo("second");
        until(() -> database.database().announcements().heard());
        sql("update jobs set name = 'third'");
        until(() -> name("alice").equals("third"));
    }

    private boolean isMissingFor(String owner) {
        Future<Boolean> missing = jobs.current(owner, ID).map(false);
        return await(missing.recover(failure ->
                failure instanceof ProblemException ? Future.succeededFuture(true) : Future.failedFuture(failure)));
    }

    private String name(String owner) {
        return await(jobs.current(owner, ID)).json().toJsonObject().getString("name");
    }

    private void sql(String statement) {
        await(database.database()
                .as(
                        new Actor.Ingest(),
                        connection -> connection.query(statement).execute()));
    }

    private static void until(BooleanSupplier holds) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(10);
        }
    }
}
