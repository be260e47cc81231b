package dev.sluice.database;

import static dev.sluice.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DatabaseTest {
    private static final Actor INGEST = new Actor.Ingest();

    @Test
    void workThatFailsIsRolledBack() {
        try (TestDatabase test = TestDatabase.fresh()) {
            Future<Object> failed = test.database()
                    .as(
                            INGEST,
                            c -> c.query("insert into jobs (job_id, owner) values ('a', 'ann')")
                                    .execute()
                                    .compose(inserted -> Future.failedFuture(new IOException("disk full"))));

            assertThatThrownBy(() -> await(failed)).hasMessageContaining("disk full");
            assertThat(jobs(test)).isZero();
        }
    }

    @Test
    void workThatThrowsIsRolledBackAndGivesItsConnectionBack() {
        try (TestDatabase test = TestDatabase.fresh(1, Duration.ofSeconds(5), Duration.ofSeconds(5))) {
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> await(test.database().as(INGEST, c -> {
                            throw new IllegalArgumentException("a bug");
                        })))
                        .hasMessageContaining("a bug");
            }
            assertThat(jobs(test)).isZero();
        }
    }

    @Test
    void waitingForAConnectionIsBounded() {
        try (TestDatabase test = TestDatabase.fresh(1, Duration.ofSeconds(6), Duration.ofSeconds(20))) {
            // So that there is a connection to hold: making one may take long on a busy machine.
            awaitAnswer(test);
            Promise<Void> release = Promise.promise();
            Promise<Void> held = Promise.promise();
            Future<Void> holder = test.database().as(INGEST, c -> {
                held.complete();
                return release.future();
            });
            await(held.future());

            Future<Long> waiter = test.database().as(INGEST, c -> Future.succeededFuture(1L));

            // Fails while the only connection is still held, so it was the wait that ended.
            assertThatThrownBy(() -> await(waiter)).hasStackTraceContaining("Timeout");
            assertThat(holder.isComplete()).isFalse();
            release.complete();
            await(holder.otherwiseEmpty());
            assertThat(jobs(test)).isZero();
        }
    }

    @Test
    void aFloodOfWaitersIsRefusedAtOnce() {
        try (TestDatabase test = TestDatabase.fresh(1, Duration.ofSeconds(20), Duration.ofSeconds(20))) {
            Promise<Void> release = Promise.promise();
            Future<Void> holder = test.database().as(INGEST, c -> release.future());
            Future<?> refused = Future.any(Stream.generate(() -> test.database().as(INGEST, c -> release.future()))
                    .limit(2000)
                    .map(DatabaseTest::failureAsSuccess)
                    .toList());

            await(refused);

            assertThat(holder.isComplete()).isFalse();
            release.complete();
            await(holder);
        }
    }

    @Test
    void aStatementThatRunsTooLongIsCancelled() {
        try (TestDatabase test = TestDatabase.fresh(1, Duration.ofSeconds(20), Duration.ofSeconds(2))) {
            assertThatThrownBy(() -> await(test.database().call("select pg_sleep(60)", Tuple.tuple())))
                    .hasStackTraceContaining("57014");
            assertThatThrownBy(() -> await(test.database()
                            .as(INGEST, c -> c.query("select pg_sleep(60)").execute())))
                    .hasStackTraceContaining("57014");
            assertThat(jobs(test)).isZero();
        }
    }

    @Test
    void callsToAFrozenServerFailInBoundedTimeAndRecover() throws Exception {
        // The first call keeps such limits on a busy machine too; asking again might open a second connection.
        try (TestDatabase test = TestDatabase.fresh(1, Duration.ofSeconds(4), Duration.ofSeconds(2))) {
            int backend = await(test.database().call("select pg_backend_pid() as pid", Tuple.tuple()))
                    .iterator()
                    .next()
                    .getInteger("pid");
            signal("STOP", backend);
            try {
                assertThatThrownBy(() -> await(test.database().call("select 1", Tuple.tuple())))
                        .hasStackTraceContaining("DatabaseUnavailable")
                        .hasRootCauseInstanceOf(TimeoutException.class);
            } finally {
                signal("CONT", backend);
            }
            awaitAnswer(test);
        }
    }

    /** Of both kinds, when it answers: within a second or so it may not, on a busy machine. */
    private static void awaitAnswer(TestDatabase test) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            try {
                assertThat(await(test.database().call("select 1", Tuple.tuple()))
                                .size())
                        .isEqualTo(1);
                assertThat(jobs(test)).isZero();
                return;
            } catch (Exception notYet) {
                assertThat(System.nanoTime()).as("late: " + notYet).isLessThan(deadline);
            }
        }
    }

    @Test
    void aDatabaseThatTakesNoConnectionsIsUnavailable() {
        try (TestDatabase test = TestDatabase.fresh()) {
            test.allowConnections(false);
            // The first may still meet connections that were ended; the others need new ones.
            for (int i = 0; i < 5; i++) {
                assertThatThrownBy(() -> await(test.database().call("select 1", Tuple.tuple())))
                        .hasStackTraceContaining("DatabaseUnavailable");
                assertThatThrownBy(() -> await(test.database()
                                .as(INGEST, c -> c.query("select 1").execute())))
                        .hasStackTraceContaining("DatabaseUnavailable");
            }
            test.allowConnections(true);
        }
    }

    @Test
    void aTransactionThatOutlivesItsLimitIsNotCommitted() {
        try (TestDatabase test = TestDatabase.fresh(1, Duration.ofSeconds(1), Duration.ofSeconds(1))) {
            Promise<Void> never = Promise.promise();
            Future<Void> late = test.database()
                    .as(
                            INGEST,
                            c -> c.query("insert into jobs (job_id, owner) values ('late', 'ann')")
                                    .execute()
                                    .compose(inserted -> never.future()));

            assertThatThrownBy(() -> await(late))
                    .hasStackTraceContaining("DatabaseUnavailable")
                    .hasRootCauseInstanceOf(TimeoutException.class);
            never.complete();
            awaitAnswer(test);
        }
    }

    @Test
    void aTransactionThatWasGivenUpBecauseTheServerSaidNothingIsNotCommitted() throws Exception {
        try (TestDatabase test = TestDatabase.fresh(1, Duration.ofSeconds(4), Duration.ofSeconds(20))) {
            int pulse = pulse(test);
            Promise<Void> inserted = Promise.promise();
            Promise<Void> done = Promise.promise();
            signal("STOP", pulse);
            try {
                Future<Void> work = test.database()
                        .as(
                                INGEST,
                                c -> c.query("insert into jobs (job_id, owner) values ('early', 'ann')")
                                        .execute()
                                        .compose(rows -> {
                                            inserted.complete();
                                            return done.future();
                                        }));
                await(inserted.future());
                assertThatThrownBy(() -> await(work)).hasStackTraceContaining("DatabaseUnavailable");
                done.complete();
            } finally {
                signal("CONT", pulse);
            }
            assertThat(jobs(test)).isZero();
        }
    }

    /** The connection that nothing else waits on, known by its question. */
    private static int pulse(TestDatabase test) throws SQLException {
        await(test.database().call("select 2", Tuple.tuple()));
        try (Connection observer = test.owner();
                Statement statement = observer.createStatement();
                ResultSet found = statement.executeQuery("select pid from pg_stat_activity where datname ="
                        + " current_database() and application_name = 'sluice' and query = 'select 1'")) {
            assertThat(found.next()).isTrue();
            int pid = found.getInt("pid");
            assertThat(found.next()).as("another that asked the same").isFalse();
            return pid;
        }
    }

    @Test
    void manyCallsAreOnTheirWayAtOnce() {
        try (TestDatabase test = TestDatabase.fresh()) {
            var calls = IntStream.range(0, 500)
                    .mapToObj(i -> test.database()
                            .call("select $1::int as n", Tuple.of(i))
                            .map(rows -> rows.iterator().next().getInteger("n")))
                    .toList();
            assertThat(await(Future.all(calls)).<Integer>list())
                    .isEqualTo(IntStream.range(0, 500).boxed().toList());
        }
    }

    @Test
    void openingMigratesAnEmptyDatabase() {
        open(
                TestDatabase.emptyUrl(),
                database -> assertThat(await(database.call("select * from job_of($1, $2)", Tuple.of("ann", "a")))
                                .size())
                        .isZero());
    }

    @Test
    void aWrongPasswordIsRefusedWithoutRepeatingIt() {
        try (TestDatabase test = TestDatabase.fresh()) {
            String wrong = test.url().replaceFirst("sluice:[^@]+@", "sluice:not-the-password@");
            assertThatThrownBy(() -> open(wrong, database -> {}))
                    .hasStackTraceContaining("password authentication failed")
                    .satisfies(failure ->
                            assertThat(failure.toString() + failure.getCause()).doesNotContain("not-the-password"));
        }
    }

    @Test
    void aServerThatIsNotThereFailsTheStart() throws IOException {
        // Bound, so that nobody else gets it, and not listening.
        try (Socket bound = new Socket()) {
            bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            assertThatThrownBy(() -> open("postgresql://u:p@127.0.0.1:" + bound.getLocalPort() + "/db", database -> {}))
                    .hasStackTraceContaining("refused");
        }
    }

    private interface Check {
        void on(Database database);
    }

    private static void open(String url, Check check) {
        Duration wait = Duration.ofSeconds(5);
        Vertx vertx = Vertx.vertx();
        try {
            Database database = await(
                    Database.open(vertx, new DatabaseConfig(Optional.of(url), Path.of("target"), 2, wait, wait, wait)));
            check.on(database);
            await(database.close());
        } finally {
            await(vertx.close());
        }
    }

    /** Counted as one who sees everything, through a connection that the test before may have left in any state. */
    private static long jobs(TestDatabase test) {
        Future<RowSet<Row>> rows = test.database()
                .as(INGEST, c -> c.query("select count(*) as n from jobs").execute());
        return await(rows.recover(lost -> test.database()
                        .as(
                                INGEST,
                                c -> c.query("select count(*) as n from jobs").execute())))
                .iterator()
                .next()
                .getLong("n");
    }

    private static Future<Throwable> failureAsSuccess(Future<?> future) {
        return future.transform(result ->
                result.failed() ? Future.succeededFuture(result.cause()) : Future.failedFuture("not refused"));
    }

    private static void signal(String name, int pid) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + name, Integer.toString(pid))
                        .start()
                        .waitFor())
                .isZero();
    }
}
