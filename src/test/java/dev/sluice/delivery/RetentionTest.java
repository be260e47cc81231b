package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.database.Actor;
import dev.sluice.database.TestDatabase;
import io.vertx.core.Promise;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RetentionTest {
    private final TestDatabase test = TestDatabase.fresh();
    private final Retention retention = new Retention(test.database(), Duration.ofDays(400), Duration.ofDays(90));

    @BeforeEach
    void recordForYears() {
        sql("""
            insert into audit (at, event_type, actor, action, resource_type, resource_id)
            select now() - make_interval(days => day), 'x.done', 'alice', 'x', 'job', day::text
            from generate_series(0, 3000) day""");
        sql("""
            insert into downloads (owner, kind, resource_type, resource, filename, tag, address, user_agent, fingerprint,
                current, total_bytes, started_at, active_at)
            select 'alice', 'model', 'job', day::text, '', '', '', '', day::text, false, 1, now() - make_interval(days => day),
                now() - make_interval(days => case day when 99 then 0 else day end)
            from generate_series(0, 99) day""");
        sql("insert into download_errors select 'alice', now() - make_interval(days => day), 404, 1"
                + " from generate_series(0, 99) day");
    }

    @AfterEach
    void close() {
        test.close();
    }

    private void sql(String statement) {
        TestDatabase.await(test.database()
                .as(
                        new Actor.Background(),
                        connection -> connection.query(statement).execute()));
    }

    private long count(String table) {
        return TestDatabase.await(test.database()
                        .as(
                                new Actor.Background(),
                                connection -> connection
                                        .query("select count(*) from " + table)
                                        .execute()))
                .iterator()
                .next()
                .getLong(0);
    }

    @Test
    void whatIsOlderThanItIsKeptGoesInAsManyBatchesAsItTakes() {
        assertThat(TestDatabase.await(retention.forget())).isEqualTo(2601 + 9 + 10);
        assertThat(count("audit")).isEqualTo(400);
        assertThat(count("downloads")).as("and one that is old but in use").isEqualTo(91);
        assertThat(count("download_errors")).isEqualTo(90);
        assertThat(TestDatabase.await(retention.forget())).isZero();
    }

    @Test
    void oneProcessDoesItAtATime() {
        Promise<Void> over = Promise.promise();
        Promise<Void> locked = Promise.promise();
        var other = test.database()
                .as(
                        new Actor.Background(),
                        connection -> lock(connection)
                                .onSuccess(taken -> locked.complete())
                                .compose(taken -> over.future()));
        TestDatabase.await(locked.future());
        assertThat(TestDatabase.await(retention.forget())).isZero();
        over.complete();
        TestDatabase.await(other);
        assertThat(TestDatabase.await(retention.forget())).isPositive();
    }

    private static io.vertx.core.Future<?> lock(SqlConnection connection) {
        return connection
                .query("select pg_advisory_xact_lock(hashtextextended('sluice.forget_records', 0))")
                .execute();
    }

    /** Whatever a configuration says. */
    @Test
    void theAuditOfTheLastThirtyDaysStays() {
        TestDatabase.await(new Retention(test.database(), Duration.ZERO, Duration.ofDays(90)).forget());
        assertThat(count("audit")).isBetween(30L, 31L);
    }
}
