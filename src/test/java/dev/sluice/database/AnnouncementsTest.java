package dev.sluice.database;

import static dev.sluice.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class AnnouncementsTest {
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final AtomicInteger forgotten = new AtomicInteger();

    @Test
    void whatIsToldOfAJobIsAnnouncedAndNothingElse() throws Exception {
        try (TestDatabase test = TestDatabase.fresh()) {
            listen(test);
            sql(test, "insert into jobs (job_id, owner) values ('a', 'ann'), ('b', 'ann'), ('c', 'ann lee')");
            sql(test, "insert into job_metrics (job_id, owner, step) values ('a', 'ann', 1)");
            sql(test, "update jobs set publish_fence = 7, publish_lease_until = now() where job_id = 'a'");
            sql(test, "update jobs set total_cost = 3.1 where job_id = 'b'");
            sql(test, "update jobs set total_cost = 3.10 where job_id = 'b'");
            sql(test, "update jobs set owner = 'bob' where job_id = 'c'");
            sql(test, "delete from jobs where job_id = 'c'");
            for (String expected : new String[] {"job b ann", "job b ann", "job c ann lee", "job c bob"}) {
                assertThat(told.poll(30, TimeUnit.SECONDS)).isEqualTo(expected);
            }
            assertThat(told).isEmpty();
        }
    }

    @Test
    void afterALossEverythingIsForgottenBeforeItIsHeardAgain() throws Exception {
        try (TestDatabase test = TestDatabase.fresh()) {
            listen(test);
            assertThat(forgotten).hasValue(1);
            test.allowConnections(false);
            until(() -> !test.database().announcements().heard());
            test.allowConnections(true);
            until(() -> test.database().announcements().heard());
            assertThat(forgotten).hasValueGreaterThan(1);
            sql(test, "insert into jobs (job_id, owner) values ('a', 'ann')");
            sql(test, "delete from jobs");
            assertThat(told.poll(30, TimeUnit.SECONDS)).isEqualTo("job a ann");
        }
    }

    @Test
    void nothingIsHeardWhileNobodyListens() {
        try (TestDatabase test = TestDatabase.fresh()) {
            assertThat(test.database().announcements().heard()).isFalse();
        }
    }

    private void listen(TestDatabase test) throws InterruptedException {
        Announcements announcements = test.database().announcements();
        announcements.listen(told::add, forgotten::incrementAndGet);
        until(announcements::heard);
    }

    private static void until(BooleanSupplier holds) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(10);
        }
    }

    private static void sql(TestDatabase test, String statement) {
        await(test.database()
                .as(
                        new Actor.Background(),
                        connection -> connection.query(statement).execute()));
    }
}
