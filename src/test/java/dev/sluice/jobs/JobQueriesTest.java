package dev.sluice.jobs;

import static dev.sluice.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.database.Actor;
import dev.sluice.database.TestDatabase;
import dev.sluice.http.Paging;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobQueriesTest {
    private static TestDatabase database;

    private JobQueries jobs;

    @BeforeAll
    static void open() {
        database = TestDatabase.fresh();
    }

    @AfterAll
    static void close() {
        database.close();
    }

    @BeforeEach
    void empty() throws SQLException {
        JobTables.empty(database);
        jobs = new JobQueries(database.database());
    }

    @Test
    void whatWasRegisteredIsFoundByItsOwner() {
        Job registered = await(jobs.register(new JobRegistration(
                new JobId("run-1"),
                "alice",
                "Fine-tune 😀",
                new Dataset("d1", null),
                Json.object()
                        .put("warmup_steps", 5)
                        .put("lr", new BigDecimal("0.10"))
                        .put("text", "a \"quoted\" 'one'"),
                new BigDecimal("12.50"),
                List.of(new ArtifactUrl("a", "http://h/a", null, 5L)))));
        assertThat(await(jobs.find("alice", new JobId("run-1")))).isEqualTo(registered);
        assertThat(Json.text(registered.toJson()))
                .matches("\\{\"job_id\":\"run-1\",\"owner\":\"alice\",\"name\":\"Fine-tune 😀\",\"status\":\"pending\","
                        + "\"dataset\":\\{\"id\":\"d1\",\"name\":null},"
                        + "\"config\":\\{\"warmup_steps\":5,\"lr\":0.10,\"text\":\"a \\\\\"quoted\\\\\" 'one'\"},"
                        + "\"total_cost\":12.50,\"error\":null,\"created_at\":\"[0-9T:.-]+Z\",\"started_at\":null,"
                        + "\"completed_at\":null,\"publication\":null}");
    }

    @Test
    void ofThoseWhoRegisterAJobAtOnceOneHasItAndTheOthersAreTold() {
        for (int round = 0; round < 200; round++) {
            JobRegistration job = registration("at-once-" + round, "alice");
            List<Future<Job>> asked =
                    IntStream.range(0, 4).mapToObj(client -> jobs.register(job)).toList();
            await(Future.join(asked).otherwiseEmpty());
            assertThat(asked.stream().filter(Future::succeeded)).hasSize(1);
            assertThat(asked.stream().filter(Future::failed).map(Future::cause))
                    .hasSize(3)
                    .allSatisfy(told -> assertThat(told).isInstanceOf(ProblemException.class));
        }
    }

    /** Nothing is known of the table yet by which the planner could see that an owner has many. */
    @ParameterizedTest
    @ValueSource(strings = {"'alice'", "'bob'"})
    void whoFindsJobsReadsNoOthersOfTheirOwner(String besides) throws SQLException {
        leaveUnanalyzed();
        String find =
                "explain (analyze, buffers, format json) select * from jobs_of(array_fill('alice'::text, array[8]) || %s::text,"
                                .formatted(besides)
                        + " array['run-7', 'run-77', 'run-777', 'run-7777', 'run-8', 'run-88', 'run-888', 'run-8888', 'none'])";
        long blocks = await(database.database()
                .as(
                        new Actor.Ingest(),
                        connection -> connection
                                // It is planned once, and here while there is nothing to find.
                                .query(find)
                                .execute()
                                .compose(planned -> connection
                                        .query("select act_as('ingest', '')")
                                        .execute())
                                .compose(acting -> connection
                                        .query("insert into jobs (job_id, owner) select 'run-' || n, 'alice'"
                                                + " from generate_series(1, 20000) n")
                                        .execute())
                                // The first reads what it is planned by.
                                .compose(inserted -> connection.query(find).execute())
                                .compose(planned -> connection.query(find).execute())
                                .map(JobQueriesTest::blocks)));
        assertThat(blocks).as("of an index that holds all of them in hundreds").isBetween(1L, 60L);
    }

    /** An analysis that sees none of the rows, because they are not committed yet, would tell the planner that there are none. */
    private static void leaveUnanalyzed() throws SQLException {
        JobTables.execute(database, "alter table jobs set (autovacuum_enabled = false)");
        JobTables.empty(database);
    }

    private static long blocks(RowSet<Row> explained) {
        JsonObject plan =
                explained.iterator().next().getJsonArray(0).getJsonObject(0).getJsonObject("Plan");
        assertThat(plan.getNumber("Actual Rows").intValue()).isEqualTo(8);
        return plan.getLong("Shared Hit Blocks") + plan.getLong("Shared Read Blocks");
    }

    @Test
    void anIdIsTakenOnceWhoeverAsksSecond() {
        register("run-1", "alice");
        Problem taken = problemOf(jobs.register(registration("run-1", "bob")));
        assertThat(taken).isEqualTo(Problem.conflict("Job already exists"));
        assertThat(await(jobs.find("alice", new JobId("run-1"))).owner()).isEqualTo("alice");
    }

    @Test
    void ofManyWhoRegisterOneIdAtOnceOneSucceeds() {
        List<Future<Job>> attempts = IntStream.range(0, 12)
                .mapToObj(number -> jobs.register(registration("run-1", "owner-" + number)))
                .toList();
        await(Future.join(attempts).transform(done -> Future.succeededFuture()));
        assertThat(attempts.stream().filter(Future::succeeded)).hasSize(1);
    }

    @Test
    void missingAndForeignAreOneAnswer() {
        register("run-1", "alice");
        assertThat(problemOf(jobs.find("bob", new JobId("run-1"))))
                .isEqualTo(problemOf(jobs.find("bob", new JobId("run-2"))))
                .isEqualTo(Problem.notFound("Job not found"));
    }

    @Test
    void aJobRunsAndCompletes() {
        register("run-1", "alice");
        Job running = patch("run-1", JobStatus.RUNNING);
        assertThat(running.status()).isEqualTo(JobStatus.RUNNING);
        assertThat(running.startedAt()).isAfterOrEqualTo(running.createdAt());
        assertThat(running.completedAt()).isNull();
        Job completed = patch("run-1", JobStatus.COMPLETED);
        assertThat(completed.startedAt()).isEqualTo(running.startedAt());
        assertThat(completed.completedAt()).isAfterOrEqualTo(running.startedAt());
        assertThat(await(jobs.find("alice", new JobId("run-1")))).isEqualTo(completed);
    }

    @Test
    void anImpossibleStepIsAConflictAndChangesNothing() {
        Job pending = register("run-1", "alice");
        JobPatch tooEarly = new JobPatch(JobStatus.COMPLETED, "x", BigDecimal.ONE, null);
        assertThat(problemOf(jobs.patch(pending.id(), tooEarly)))
                .isEqualTo(Problem.conflict("Job cannot change from pending to completed"));
        assertThat(await(jobs.find("alice", pending.id()))).isEqualTo(pending);
    }

    @Test
    void errorAndCostAreReportedWithOrWithoutAStatus() {
        JobId id = register("run-1", "alice").id();
        patch("run-1", JobStatus.RUNNING);
        Job failed = await(jobs.patch(id, new JobPatch(JobStatus.FAILED, "out of memory", null, null)));
        Job billed = await(jobs.patch(id, new JobPatch(null, null, new BigDecimal("3.10"), null)));
        assertThat(failed.error()).isEqualTo("out of memory");
        assertThat(billed.error()).isEqualTo("out of memory");
        assertThat(billed.totalCost()).isEqualTo(new BigDecimal("3.10"));
        assertThat(billed.status()).isEqualTo(JobStatus.FAILED);
        assertThat(billed.completedAt()).isEqualTo(failed.completedAt());
    }

    @Test
    void aPatchOfAMissingJobFindsNone() {
        assertThat(problemOf(jobs.patch(new JobId("run-1"), new JobPatch(JobStatus.RUNNING, null, null, null))))
                .isEqualTo(Problem.notFound("Job not found"));
    }

    @Test
    void ofTwoStatusChangesAtOnceExactlyOneWins() {
        for (int round = 0; round < 20; round++) {
            String id = "run-" + round;
            register(id, "alice");
            patch(id, JobStatus.RUNNING);
            List<Future<Job>> changes = List.of(change(id, JobStatus.COMPLETED), change(id, JobStatus.FAILED));
            await(Future.join(changes).transform(done -> Future.succeededFuture()));
            List<Job> winners = changes.stream()
                    .filter(Future::succeeded)
                    .map(Future::result)
                    .toList();
            assertThat(winners).hasSize(1);
            assertThat(await(jobs.find("alice", new JobId(id)))).isEqualTo(winners.get(0));
            Future<Job> loser = changes.get(0).failed() ? changes.get(0) : changes.get(1);
            assertThat(problemOf(loser).status()).isEqualTo(409);
        }
    }

    @Test
    void pagesOfJobsOfOneMomentNeitherRepeatNorSkip() throws SQLException {
        List<String> expected = new ArrayList<>();
        for (int number = 10; number < 33; number++) {
            expected.add(register("run-" + number, "alice").id().value());
        }
        register("of-bob", "bob");
        JobTables.execute(database, "update jobs set created_at = now()");
        List<String> seen = new ArrayList<>();
        for (int number = 1; number <= 3; number++) {
            JobPage page = list("alice", null, new Paging(number, 10));
            assertThat(page.total()).isEqualTo(23);
            page.jobs().forEach(job -> seen.add(job.id().value()));
        }
        assertThat(seen).isEqualTo(expected);
    }

    @Test
    void theNewestComesFirst() {
        register("a", "alice");
        register("b", "alice");
        assertThat(list("alice", null, new Paging(1, 20)).jobs())
                .extracting(job -> job.id().value())
                .containsExactly("b", "a");
    }

    @Test
    void aPageBeyondTheEndIsEmptyAndStillCounts() {
        register("a", "alice");
        JobPage page = list("alice", null, new Paging(Integer.MAX_VALUE, 100));
        assertThat(Json.text(page.toJson()))
                .isEqualTo(
                        "{\"jobs\":[],\"pagination\":{\"page\":2147483647,\"limit\":100,\"total\":1,\"totalPages\":1}}");
        assertThat(list("nobody", null, new Paging(1, 20)).total()).isZero();
    }

    @Test
    void aStatusFiltersListAndTotal() {
        register("a", "alice");
        register("b", "alice");
        patch("b", JobStatus.RUNNING);
        JobPage running = list("alice", JobStatus.RUNNING, new Paging(1, 20));
        assertThat(running.jobs()).extracting(job -> job.id().value()).containsExactly("b");
        assertThat(running.total()).isEqualTo(1);
    }

    private Job register(String id, String owner) {
        return await(jobs.register(registration(id, owner)));
    }

    private static JobRegistration registration(String id, String owner) {
        return new JobRegistration(new JobId(id), owner, "a job", null, Json.object(), null, List.of());
    }

    private Job patch(String id, JobStatus status) {
        return await(change(id, status));
    }

    private Future<Job> change(String id, JobStatus status) {
        return jobs.patch(new JobId(id), new JobPatch(status, null, null, null));
    }

    private JobPage list(String owner, @Nullable JobStatus status, Paging page) {
        return await(jobs.list(owner, status, page));
    }

    private static Problem problemOf(Future<?> future) {
        Future<Problem> problem = future.transform(done -> done.cause() instanceof ProblemException refused
                ? Future.succeededFuture(refused.problem())
                : Future.failedFuture(new AssertionError("expected a problem", done.cause())));
        return await(problem);
    }
}
