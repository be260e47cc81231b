package dev.sluice.jobs;

import static dev.sluice.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.database.TestDatabase;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import io.vertx.core.Future;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MetricQueriesTest {
    private static final JobId JOB = new JobId("run-1");

    private static TestDatabase database;

    private MetricQueries metrics;

    @BeforeAll
    static void open() {
        database = TestDatabase.fresh();
    }

    @AfterAll
    static void close() {
        database.close();
    }

    @BeforeEach
    void oneJob() throws SQLException {
        JobTables.empty(database);
        metrics = new MetricQueries(database.database());
        await(new JobQueries(database.database())
                .register(new JobRegistration(JOB, "alice", "a job", null, Json.object(), null, List.of())));
    }

    @Test
    void pointsComeBackByStep() {
        MetricPoint full =
                new MetricPoint(2, 0.5, 1.25, 1.5, 1e-4, Json.object().put("note", "ü"));
        MetricPoint bare = new MetricPoint(0, null, 2, null, null, Json.object());
        await(metrics.write(JOB, List.of(full, bare)));
        assertThat(points(-1, 100)).containsExactly(bare, full);
        assertThat(points(0, 100)).containsExactly(full);
        assertThat(points(-1, 1)).containsExactly(bare);
    }

    @Test
    void aRepeatedStepOverwritesInTheJobAndInOneCall() {
        await(metrics.write(JOB, List.of(point(1, 9), point(2, 9))));
        await(metrics.write(JOB, List.of(point(2, 8), point(3, 7), point(2, 6))));
        assertThat(points(-1, 100)).containsExactly(point(1, 9), point(2, 6), point(3, 7));
    }

    @Test
    void aFullCallIsStoredWhole() {
        List<MetricPoint> all = LongStream.range(0, 10_000)
                .mapToObj(step -> point(step, (double) step))
                .toList();
        await(metrics.write(JOB, all));
        assertThat(points(-1, 10_000)).isEqualTo(all);
    }

    @Test
    void writersOfTheSameStepsInOppositeOrderDoNotLockEachOtherOut() {
        List<MetricPoint> up =
                LongStream.range(0, 2_000).mapToObj(step -> point(step, 1)).toList();
        List<MetricPoint> down = new ArrayList<>(up);
        Collections.reverse(down);
        for (int round = 0; round < 3; round++) {
            await(Future.join(metrics.write(JOB, up), metrics.write(JOB, down)));
        }
        assertThat(points(-1, 10_000)).isEqualTo(up);
    }

    @Test
    void nothingIsAlsoACall() {
        await(metrics.write(JOB, List.of()));
        assertThat(points(-1, 100)).isEmpty();
    }

    @Test
    void missingAndForeignAreOneAnswer() {
        await(metrics.write(JOB, List.of(point(1, 1))));
        assertThat(problemOf(metrics.list("bob", JOB, -1, 100)))
                .isEqualTo(problemOf(metrics.list("bob", new JobId("run-2"), -1, 100)))
                .isEqualTo(problemOf(metrics.write(new JobId("run-2"), List.of(point(1, 1)))))
                .isEqualTo(Problem.notFound("Job not found"));
    }

    private List<MetricPoint> points(long after, int limit) {
        return await(metrics.list("alice", JOB, after, limit));
    }

    private static MetricPoint point(long step, double trainLoss) {
        return new MetricPoint(step, null, trainLoss, null, null, Json.object());
    }

    private static Problem problemOf(Future<?> future) {
        Future<Problem> problem = future.transform(done -> done.cause() instanceof ProblemException refused
                ? Future.succeededFuture(refused.problem())
                : Future.failedFuture(new AssertionError("expected a problem", done.cause())));
        return await(problem);
    }
}
