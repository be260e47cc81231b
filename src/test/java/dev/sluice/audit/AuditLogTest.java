package dev.sluice.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.database.Actor;
import dev.sluice.database.Database;
import dev.sluice.database.TestDatabase;
import dev.sluice.http.Paging;
import dev.sluice.metrics.Meters;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Each test has an actor of its own. */
class AuditLogTest {
    private static final AuditQueries.Filter ANY =
            new AuditQueries.Filter(Optional.empty(), Optional.empty(), Optional.empty());

    private static TestDatabase test;
    private static Vertx vertx;
    private static Meters meters;

    @BeforeAll
    static void start() {
        test = TestDatabase.fresh();
        vertx = Vertx.vertx();
        meters = new Meters();
    }

    @AfterAll
    static void stop() {
        meters.close();
        TestDatabase.await(vertx.close());
        test.close();
    }

    /** One process. */
    private record Running(Replica replica, AuditLog log) {
        static Running start(Database database) {
            Replica replica = TestDatabase.await(Replica.join(vertx, database));
            return new Running(replica, new AuditLog(vertx, database, replica, meters, Duration.ofMinutes(1)));
        }
    }

    private static AuditEvent event(String actor) {
        return AuditEvent.of(
                "model.download.started", actor, "download", "job", "j", new JsonObject().put("total", 9), "r");
    }

    private static AuditOutcome completed(AuditEvent event) {
        return new AuditOutcome(event.id(), "model.download.completed", "completed", new JsonObject().put("bytes", 9));
    }

    private static List<JsonObject> entries(String actor) {
        JsonObject page = TestDatabase.await(new AuditQueries(test.database()).of(actor, ANY, new Paging(1, 100)));
        return IntStream.range(0, page.getJsonArray("entries").size())
                .mapToObj(page.getJsonArray("entries")::getJsonObject)
                .toList();
    }

    private static JsonObject entry(String actor) {
        assertThat(entries(actor)).hasSize(1);
        return entries(actor).get(0);
    }

    private static void sql(Actor actor, String statement) {
        TestDatabase.await(test.database()
                .as(actor, connection -> connection.query(statement).execute()));
    }

    @Test
    void anIntentIsThereWhenItsBeginningCompletes() {
        Running process = Running.start(test.database());
        AuditEvent event = event("ann");
        TestDatabase.await(process.log().begin(event));
        assertThat(entry("ann").getString("outcome")).isEqualTo("started");
        process.log().end(completed(event));
        TestDatabase.await(process.log().flush());
        assertThat(entry("ann").getString("outcome")).isEqualTo("completed");
        assertThat(entry("ann").getString("event_type")).isEqualTo("model.download.completed");
        assertThat(entry("ann").getJsonObject("details"))
                .isEqualTo(new JsonObject().put("total", 9).put("bytes", 9));
    }

    @Test
    void whatNobodyEndedReadsAsUnknown() {
        Running crashed = Running.start(test.database());
        TestDatabase.await(crashed.log().begin(event("bob")));
        sql(
                new Actor.Background(),
                "update replicas set seen_at = now() - interval '2 minutes' where id = '"
                        + crashed.replica().id() + "'");
        assertThat(entry("bob").getString("outcome")).isEqualTo("unknown");
    }

    @Test
    void whatAProcessHasNotEndedWhenItLeavesIsUnknownAtOnce() {
        Running process = Running.start(test.database());
        TestDatabase.await(process.log().begin(event("cid")));
        TestDatabase.await(process.replica().leave());
        assertThat(entry("cid").getString("outcome")).isEqualTo("unknown");
    }

    @Test
    void anOutcomeThatIsToldTwiceStaysTheFirst() {
        Running process = Running.start(test.database());
        AuditEvent event = event("dan");
        TestDatabase.await(process.log().begin(event));
        process.log().end(completed(event));
        process.log().end(new AuditOutcome(event.id(), "x.aborted", "stalled", new JsonObject()));
        TestDatabase.await(process.log().flush());
        assertThat(entry("dan").getString("outcome")).isEqualTo("completed");
    }

    @Test
    void withoutADatabaseNothingBeginsAndWhatEndsIsWrittenWhenItIsBack() {
        Database away = TestDatabase.await(Database.open(vertx, test.config()));
        Running process = Running.start(away);
        AuditEvent event = event("eva");
        TestDatabase.await(process.log().begin(event));
        // Every connection is refused from here on.
        setConnectable(false);
        try {
            assertThatThrownBy(() -> TestDatabase.await(process.log().begin(event("eva"))));
            process.log().end(completed(event));
            Future<Void> flushed = process.log().flush();
            assertThat(flushed.isComplete()).isFalse();
            setConnectable(true);
            TestDatabase.await(flushed);
        } finally {
            setConnectable(true);
        }
        assertThat(entry("eva").getString("outcome")).isEqualTo("completed");
        TestDatabase.await(away.close());
    }

    /** Lets no new connection in, and ends those that there are, as a restart of the server does. */
    private static void setConnectable(boolean connectable) {
        test.allowConnections(connectable);
    }

    @Test
    void aTransactionThatFailsLeavesNoEvent() {
        AuditEvent event = event("fay");
        assertThatThrownBy(() -> TestDatabase.await(test.database()
                .as(
                        new Actor.Owner("fay"),
                        connection -> AuditLog.record(connection, event, "completed")
                                .compose(written -> Future.failedFuture("afterwards")))));
        assertThat(entries("fay")).isEmpty();
        TestDatabase.await(test.database()
                .as(new Actor.Owner("fay"), connection -> AuditLog.record(connection, event, "completed")));
        assertThat(entry("fay").getString("outcome")).isEqualTo("completed");
    }

    @Test
    void nobodyWritesInAnothersName() {
        assertThatThrownBy(() -> TestDatabase.await(test.database()
                        .as(
                                new Actor.Owner("gil"),
                                connection -> AuditLog.record(connection, event("hal"), "completed"))))
                .isInstanceOf(PgException.class)
                .hasMessageContaining("row-level security");
    }

    @Test
    void whatIsWrittenStays() {
        TestDatabase.await(
                test.database().as(new Actor.Background(), c -> AuditLog.record(c, event("ida"), "completed")));
        for (Actor actor : List.of(new Actor.Owner("ida"), new Actor.Admin())) {
            sql(actor, "update audit set outcome = 'failed'");
        }
        assertThat(entry("ida").getString("outcome")).isEqualTo("completed");
        for (Actor actor : List.of(new Actor.Owner("ida"), new Actor.Admin(), new Actor.Background())) {
            sql(actor, "delete from audit");
        }
        assertThat(entry("ida").getString("outcome")).isEqualTo("completed");
    }

    @Test
    void thePageOfTheAdminHasEveryones() {
        TestDatabase.await(test.database()
                .as(
                        new Actor.Background(),
                        c -> AuditLog.record(c, event("jan"), "completed")
                                .compose(first -> AuditLog.record(c, event("kim"), "completed"))));
        AuditQueries queries = new AuditQueries(test.database());
        assertThat(TestDatabase.await(queries.ofEveryone(
                                new AuditQueries.Filter(Optional.empty(), Optional.empty(), Optional.of("kim")),
                                new Paging(1, 9)))
                        .getJsonArray("entries"))
                .hasSize(1);
        assertThat(TestDatabase.await(queries.ofEveryone(ANY, new Paging(1, 100)))
                        .getJsonObject("pagination")
                        .getInteger("total"))
                .isGreaterThanOrEqualTo(2);
    }

    @Test
    void anEventThatCannotBeTextIsMadeText() {
        AuditEvent odd = AuditEvent.of(
                "x.done",
                "lea",
                "x",
                "job",
                "a\0b\ud83d",
                new JsonObject(),
                UUID.randomUUID().toString());
        Running process = Running.start(test.database());
        TestDatabase.await(process.log().begin(odd));
        assertThat(entry("lea").getString("resource_id")).isEqualTo("a?b?");
    }

    @Test
    void whoClosesAnEntryReadsNoOther() {
        sql(new Actor.Background(), """
                insert into audit (event_type, actor, action, resource_type, resource_id)
                select 'e', 'many', 'a', 'job', 'j' from generate_series(1, 3000)""");
        Running running = Running.start(test.database());
        AuditEvent event = event("closing");
        TestDatabase.await(running.log().begin(event));
        long read = TestDatabase.await(test.database()
                .as(
                        new Actor.Background(),
                        connection -> rowsRead(connection)
                                .compose(before -> connection
                                        .preparedQuery("select record_outcomes($1)")
                                        .execute(Tuple.of(new JsonArray()
                                                .add(completed(event).toJson())))
                                        .compose(closed -> rowsRead(connection))
                                        .map(after -> after - before))));
        assertThat(entry("closing").getString("outcome")).isEqualTo("completed");
        assertThat(read).isEqualTo(1);
    }

    /** Of the audit log, by this connection: one after the other, or by an index. */
    private static Future<Long> rowsRead(SqlConnection connection) {
        return connection
                .query("select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables where relname = 'audit'")
                .execute()
                .map(rows -> rows.iterator().next().getLong(0));
    }
}
