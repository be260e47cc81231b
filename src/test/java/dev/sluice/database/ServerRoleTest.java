package dev.sluice.database;

import static dev.sluice.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ServerRoleTest {
    private static final int POOL = 4;

    private static TestDatabase test;

    @BeforeAll
    static void open() {
        test = TestDatabase.fresh(POOL, Duration.ofSeconds(5), Duration.ofSeconds(5));
    }

    @AfterAll
    static void close() {
        test.close();
    }

    @Test
    void everyPooledConnectionWorksAsTheServerRole() {
        List<Row> connections = await(heldTogether());

        assertThat(connections)
                .extracting(row -> row.getInteger("pid"))
                .doesNotHaveDuplicates()
                .hasSize(POOL);
        assertThat(connections).allSatisfy(ServerRoleTest::isTheServerRole);
    }

    @Test
    void thePipelinedConnectionWorksAsTheServerRole() {
        isTheServerRole(
                await(test.database().call(WHO, Tuple.tuple())).iterator().next());
    }

    @Test
    void connectionsThatReplaceLostOnesWorkAsTheServerRole() throws SQLException {
        List<Row> before = await(heldTogether());
        try (Connection owner = test.owner();
                Statement statement = owner.createStatement()) {
            statement.execute("select pg_terminate_backend(pid) from pg_stat_activity "
                    + "where datname = current_database() and pid <> pg_backend_pid()");
        }

        // The first uses may still meet a connection whose end has not been noticed.
        List<Row> after = await(eventually(ServerRoleTest::heldTogether, 50));

        assertThat(after).allSatisfy(ServerRoleTest::isTheServerRole);
        assertThat(after)
                .extracting(row -> row.getInteger("pid"))
                .isNotEqualTo(before.stream().map(row -> row.getInteger("pid")).toList());
        isTheServerRole(await(eventually(() -> test.database().call(WHO, Tuple.tuple()), 50))
                .iterator()
                .next());
    }

    @Test
    void theServerRoleOwnsNothingAndCannotBypassPolicies() {
        Row role = one("""
                select rolsuper, rolbypassrls, rolcanlogin, rolcreaterole, rolcreatedb,
                    (select count(*) from pg_class where relowner = r.oid) as relations,
                    (select count(*) from pg_namespace where nspowner = r.oid) as schemas,
                    (select count(*) from pg_proc where proowner = r.oid) as functions,
                    (select count(*) from pg_auth_members where member = r.oid) as memberships
                from pg_roles r where rolname = current_user
                """);

        for (String right : List.of("rolsuper", "rolbypassrls", "rolcanlogin", "rolcreaterole", "rolcreatedb")) {
            assertThat(role.getBoolean(right)).as(right).isFalse();
        }
        for (String owned : List.of("relations", "schemas", "functions", "memberships")) {
            assertThat(role.getLong(owned)).as(owned).isZero();
        }
    }

    @Test
    void theServerRoleCannotChangeTheSchema() {
        for (String sql : List.of(
                "alter table jobs disable row level security",
                "drop policy owner_reads on jobs",
                "create table sluice.mine (id int)",
                "truncate jobs",
                "delete from flyway_schema_history")) {
            assertThatThrownBy(() -> one(sql)).as(sql).hasStackTraceContaining("42501");
        }
    }

    @Test
    void noFunctionRunsWithItsOwnersRights() {
        assertThat(one("select count(*) as n from pg_proc where pronamespace = 'sluice'::regnamespace and prosecdef")
                        .getLong("n"))
                .isZero();
    }

    private static final String WHO = """
            select pg_backend_pid() as pid, current_user::text as role, current_setting('search_path') as path,
                current_setting('statement_timeout') as statement_timeout, current_setting('lock_timeout') as lock_timeout,
                current_setting('idle_in_transaction_session_timeout') as idle_timeout,
                current_setting('application_name') as application
            """;

    private static void isTheServerRole(Row row) {
        assertThat(row.getString("role")).isEqualTo("sluice_server");
        assertThat(row.getString("path")).isEqualTo("sluice, pg_temp");
        assertThat(row.getString("statement_timeout")).isEqualTo("5s");
        assertThat(row.getString("lock_timeout")).isEqualTo("5s");
        assertThat(row.getString("idle_timeout")).isEqualTo("5s");
        assertThat(row.getString("application")).isEqualTo("sluice");
    }

    /** Every connection of the pool at once: none is given back before all have answered. */
    private static Future<List<Row>> heldTogether() {
        List<Promise<Row>> answers =
                Stream.generate(Promise::<Row>promise).limit(POOL).toList();
        Future<?> all = Future.join(answers.stream().map(Promise::future).toList());
        List<Future<Row>> transactions = answers.stream()
                .map(answer -> test.database()
                        .as(new Actor.Admin(), c -> who(c).onComplete(answer).eventually(() -> all))
                        // Also when there was no connection to ask: the others must not wait for this one.
                        .onFailure(answer::tryFail))
                .toList();
        return Future.join(transactions).map(done -> done.<Row>list());
    }

    private static Future<Row> who(SqlClient client) {
        return client.query(WHO).execute().map(rows -> rows.iterator().next());
    }

    private static Row one(String sql) {
        return await(test.database().call(sql, Tuple.tuple())).iterator().next();
    }

    private static <T> Future<T> eventually(Supplier<Future<T>> attempt, int attempts) {
        return attempt.get()
                .recover(failure -> attempts == 0 ? Future.failedFuture(failure) : eventually(attempt, attempts - 1));
    }
}
