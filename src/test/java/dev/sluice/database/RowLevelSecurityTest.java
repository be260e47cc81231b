package dev.sluice.database;

import static dev.sluice.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RowLevelSecurityTest {
    private static final Actor ANN = new Actor.Owner("ann");
    private static final Actor BOB = new Actor.Owner("bob");

    private static TestDatabase test;

    @BeforeAll
    static void annHasTwoJobsAndBobHasOne() {
        test = TestDatabase.fresh();
        await(test.database().as(new Actor.Ingest(), c -> c.query("""
                insert into jobs (job_id, owner) values ('ann-1', 'ann'), ('ann-2', 'ann'), ('bob-1', 'bob');
                insert into job_metrics (job_id, owner, step) values ('ann-1', 'ann', 1), ('bob-1', 'bob', 1)
                """).execute()));
    }

    @AfterAll
    static void close() {
        test.close();
    }

    @Test
    void aQueryWithoutWhereSeesOnlyTheOwnersRows() {
        assertThat(owners(ANN, "select owner from jobs")).containsExactly("ann", "ann");
        assertThat(owners(BOB, "select owner from jobs")).containsExactly("bob");
        assertThat(owners(BOB, "select owner from job_metrics")).containsExactly("bob");
    }

    @Test
    void withoutAnActorNothingIsSeen() {
        assertThat(owners(await(test.database().call("select owner from jobs", Tuple.tuple()))))
                .isEmpty();
        assertThat(owners(await(test.database().call("select owner from job_metrics", Tuple.tuple()))))
                .isEmpty();
    }

    @Test
    void anOwnerWithoutNameSeesNothing() {
        assertThat(owners(new Actor.Owner(""), "select owner from jobs")).isEmpty();
    }

    @Test
    void adminIngestAndBackgroundSeeEveryone() {
        for (Actor actor : List.of(new Actor.Admin(), new Actor.Ingest(), new Actor.Background())) {
            assertThat(owners(actor, "select owner from jobs")).hasSize(3);
            assertThat(owners(actor, "select owner from job_metrics")).hasSize(2);
        }
    }

    @Test
    void ownersAndAdminsCannotWrite() {
        for (Actor actor : List.of(ANN, new Actor.Admin())) {
            assertThatThrownBy(
                            () -> owners(actor, "insert into jobs (job_id, owner) values ('x', 'ann') returning owner"))
                    .isInstanceOf(PgException.class)
                    .hasMessageContaining("row-level security");
            assertThat(owners(actor, "update jobs set name = 'mine' returning owner"))
                    .isEmpty();
            assertThat(owners(actor, "delete from jobs returning owner")).isEmpty();
        }
    }

    @Test
    void theActorEndsWithItsTransaction() {
        await(test.database().call("select * from job_of($1, $2)", Tuple.of("ann", "ann-1")));
        await(test.database().as(ANN, c -> c.query("select 1").execute()));

        String left = "select coalesce(current_setting('sluice.actor', true), '') "
                + "|| coalesce(current_setting('sluice.owner', true), '') as owner";
        assertThat(owners(await(test.database().call(left, Tuple.tuple())))).containsExactly("");
    }

    @Test
    void missingAndForeignJobsAreTheSameEmptyAnswer() {
        assertThat(seenJob("ann", "ann-1")).containsExactly("ann");
        assertThat(seenJob("ann", "bob-1")).isEmpty();
        assertThat(seenJob("ann", "no-such-job")).isEmpty();
        assertThat(seenJob("", "ann-1")).isEmpty();
    }

    @Test
    void ofManyWhoAskTogetherEachSeesItsOwn() {
        String[] owners = {"ann", "bob", "ann", "bob", "ann", "ann", "", "no-one"};
        String[] jobs = {"ann-1", "ann-1", "bob-1", "bob-1", "no-such-job", "ann-1", "ann-2", "ann-2"};
        assertThat(seenTogether(owners, jobs)).containsExactlyInAnyOrder("ann ann-1", "bob bob-1");
    }

    @Test
    void whoAsksForManySeesItsOwn() {
        String[] jobs = {"ann-1", "bob-1", "no-such-job", "ann-1"};
        assertThat(seenTogether(new String[] {"ann", "ann", "ann", "ann"}, jobs))
                .containsExactly("ann ann-1");
        assertThat(seenTogether(new String[] {"", "", "", ""}, jobs)).isEmpty();
        assertThat(seenTogether(new String[] {"no-one"}, new String[] {"ann-1"}))
                .isEmpty();
        assertThat(seenTogether(new String[0], new String[0])).isEmpty();
    }

    private static List<String> seenTogether(String[] owners, String[] jobs) {
        return owners(await(test.database()
                .call(
                        "select owner || ' ' || job_id as owner from jobs_of($1, $2)",
                        Tuple.tuple().addArrayOfString(owners).addArrayOfString(jobs))));
    }

    @Test
    void interleavedRequestsOfTwoOwnersNeverMeet() {
        List<Future<?>> requests = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            Actor actor = i % 2 == 0 ? ANN : BOB;
            String own = actor.owner() + "-1";
            String other = i % 2 == 0 ? "bob-1" : "ann-1";
            List<String> all = i % 2 == 0 ? List.of("ann", "ann", "ann", "ann") : List.of("bob", "bob");
            requests.add(expect(List.of(actor.owner()), jobOf(actor.owner(), own)));
            requests.add(expect(List.of(), jobOf(actor.owner(), other)));
            requests.add(expect(List.of(), call("select owner from jobs", Tuple.tuple())));
            requests.add(expect(all, test.database().as(actor, c -> twice(c, "select owner from jobs"))));
        }
        await(Future.all(requests));
    }

    @Test
    void theSchemasOwnerIsForcedToo() throws SQLException {
        try (Connection owner = test.owner();
                Statement statement = owner.createStatement();
                ResultSet row = statement.executeQuery("select count(*) from sluice.jobs")) {
            row.next();
            assertThat(row.getInt(1)).isZero();
        }
    }

    @Test
    void everyTableWithAnOwnerIsForced() throws SQLException {
        List<String> open = new ArrayList<>();
        try (Connection owner = test.owner();
                Statement statement = owner.createStatement();
                ResultSet rows = statement.executeQuery("""
                        select c.relname, c.relrowsecurity and c.relforcerowsecurity as forced from pg_class c
                        join pg_attribute a on a.attrelid = c.oid and a.attname in ('owner', 'grantee', 'actor')
                        where c.relnamespace = 'sluice'::regnamespace and c.relkind in ('r', 'p')
                        """)) {
            int tables = 0;
            for (; rows.next(); tables++) {
                if (!rows.getBoolean("forced")) {
                    open.add(rows.getString("relname"));
                }
            }
            assertThat(tables).isGreaterThanOrEqualTo(2);
        }
        assertThat(open).as("tables without forced row-level security").isEmpty();
    }

    @Test
    void aMetricCannotNameAnotherOwnerThanItsJob() {
        assertThatThrownBy(() -> owners(
                        new Actor.Ingest(),
                        "insert into job_metrics (job_id, owner, step) values ('ann-1', 'bob', 7) returning owner"))
                .hasStackTraceContaining("foreign key");
    }

    private static Future<List<String>> twice(SqlConnection connection, String sql) {
        return connection
                .query(sql)
                .execute()
                .compose(first -> connection.preparedQuery(sql).execute().map(second -> {
                    List<String> seen = new ArrayList<>(owners(first));
                    seen.addAll(owners(second));
                    return seen;
                }));
    }

    private static Future<List<String>> call(String sql, Tuple arguments) {
        return test.database().call(sql, arguments).map(RowLevelSecurityTest::owners);
    }

    private static Future<?> expect(List<String> expected, Future<List<String>> owners) {
        return owners.map(seen -> assertThat(seen).isEqualTo(expected));
    }

    private static Future<List<String>> jobOf(String owner, String job) {
        return call("select * from job_of($1, $2)", Tuple.of(owner, job));
    }

    private static List<String> seenJob(String owner, String job) {
        return await(jobOf(owner, job));
    }

    private static List<String> owners(Actor actor, String sql) {
        return owners(await(test.database().as(actor, c -> c.query(sql).execute())));
    }

    private static List<String> owners(RowSet<Row> rows) {
        return StreamSupport.stream(rows.spliterator(), false)
                .map(row -> row.getString("owner"))
                .toList();
    }
}
