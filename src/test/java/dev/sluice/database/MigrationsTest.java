package dev.sluice.database;

import static dev.sluice.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.sqlclient.Tuple;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class MigrationsTest {
    @Test
    void migratingAgainChangesNothing() throws SQLException {
        String url = TestDatabase.emptyUrl();
        Migrations.run(url);
        List<String> before = query(url, "select installed_rank || version from sluice.flyway_schema_history");

        Migrations.run(url);

        assertThat(query(url, "select installed_rank || version from sluice.flyway_schema_history"))
                .isEqualTo(before);
    }

    /** As the ordinary user who owns the schema, and whom row-level security binds too. */
    @Test
    void anUpgradeReachesTheRowsThatAreThere() throws SQLException {
        String url = TestDatabase.emptyUrl();
        Migrations.run(url);
        execute(url, "delete from sluice.flyway_schema_history where version::int >= 26");
        execute(url, "alter table sluice.downloads drop column parts_taken, no force row level security");
        execute(url, """
                insert into sluice.downloads (owner, kind, resource_type, resource, filename, tag, address, user_agent,
                    fingerprint, total_bytes, outcome)
                values ('ann', 'model', 'job', 'run-1', 'm.zip', 't', '', '', 'of parts', 9, 'partial'),
                    ('ann', 'model', 'job', 'run-1', 'm.zip', 't', '', '', 'whole', 9, 'client_left')""");
        execute(url, "alter table sluice.downloads force row level security");
        execute(url, "drop trigger changes_are_announced on sluice.jobs");
        execute(url, "alter table sluice.jobs alter column config drop default");
        execute(
                url,
                "alter table sluice.jobs alter column config type jsonb using config::jsonb, no force row level security");
        execute(url, "alter table sluice.jobs alter column config set default '{}'");
        execute(
                url,
                "create trigger changes_are_announced after update on sluice.jobs execute function sluice.announce_job()");
        execute(url, "insert into sluice.jobs (job_id, owner, config) values ('run-1', 'ann', '{\"lr\": 0.10}')");
        execute(url, "alter table sluice.jobs force row level security");

        Migrations.run(url);

        execute(url, "alter table sluice.downloads no force row level security");
        assertThat(query(url, "select fingerprint || ' ' || parts_taken from sluice.downloads"))
                .containsExactlyInAnyOrder("of parts true", "whole false");
        execute(url, "alter table sluice.jobs no force row level security");
        assertThat(query(url, "select pg_typeof(config) || ' ' || config from sluice.jobs"))
                .containsExactly("json {\"lr\": 0.10}");
    }

    @Test
    void replicasMayStartTogetherOnAnEmptyDatabase() throws Exception {
        String url = TestDatabase.emptyUrl();

        together(List.of(url, url, url, url));

        assertThat(query(url, "select version from sluice.flyway_schema_history where version is not null"))
                .doesNotHaveDuplicates()
                .contains("1");
    }

    @Test
    void databasesOfOneClusterMayBeMigratedTogether() throws Exception {
        together(List.of(TestDatabase.emptyUrl(), TestDatabase.emptyUrl(), TestDatabase.emptyUrl()));
    }

    @Test
    void aUserWithoutRightsIsToldWhatIsMissing() throws SQLException {
        String url = TestDatabase.emptyUrl();
        String stranger = asNewUser(url);

        assertThatThrownBy(() -> Migrations.run(stranger)).hasMessageContaining("GRANT CREATE ON DATABASE");
        assertThatThrownBy(() -> Migrations.runOrCheck(stranger))
                .hasMessageContaining("missing")
                .hasMessageContaining("run migrate as its owner");
    }

    @Test
    void aUserWhoMayNotTakeTheRoleIsToldHowToGetIt() throws SQLException {
        String url = TestDatabase.emptyUrl();
        String stranger = asNewUser(url);
        execute(
                url,
                "grant create on database " + DatabaseUrl.parse(url).database() + " to "
                        + DatabaseUrl.parse(stranger).user());

        assertThatThrownBy(() -> Migrations.runOrCheck(stranger))
                .hasMessageContaining("may not take the role sluice_server")
                .hasMessageContaining(
                        "GRANT sluice_server TO " + DatabaseUrl.parse(stranger).user());
    }

    @Test
    void aUserWhoMayOnlyTakeTheRoleServesAMigratedDatabase() throws SQLException {
        try (TestDatabase test = TestDatabase.fresh()) {
            String server = asNewUser(test.url());
            execute(
                    test.url(),
                    "grant sluice_server to " + DatabaseUrl.parse(server).user());

            assertThatCode(() -> Migrations.runOrCheck(server)).doesNotThrowAnyException();
            Vertx vertx = Vertx.vertx();
            Duration wait = Duration.ofSeconds(5);
            Database database = await(Database.open(
                    vertx, new DatabaseConfig(Optional.of(server), Path.of("target"), 1, wait, wait, wait)));
            assertThat(await(database.call("select current_user::text", Tuple.tuple()))
                            .iterator()
                            .next()
                            .getString(0))
                    .isEqualTo("sluice_server");
            await(database.close());
            await(vertx.close());
        }
    }

    @Test
    void aSchemaThatIsTooOldIsNamed() throws SQLException {
        try (TestDatabase test = TestDatabase.fresh()) {
            String server = asNewUser(test.url());
            execute(
                    test.url(),
                    "grant sluice_server to " + DatabaseUrl.parse(server).user());
            execute(test.url(), "delete from sluice.flyway_schema_history where version is not null");

            assertThatThrownBy(() -> Migrations.runOrCheck(server)).hasMessageContaining("older than this release");
        }
    }

    private static void together(List<String> urls) throws Exception {
        ExecutorService replicas = Executors.newFixedThreadPool(urls.size());
        try {
            List<Future<?>> runs = new ArrayList<>();
            for (String url : urls) {
                runs.add(replicas.submit(() -> {
                    Migrations.run(url);
                    return null;
                }));
            }
            for (Future<?> run : runs) {
                run.get();
            }
        } finally {
            replicas.shutdownNow();
        }
    }

    private static String asNewUser(String url) throws SQLException {
        // The cluster outlives this process, and another may be given its number.
        String user = "user_" + UUID.randomUUID().toString().replace('-', '_');
        execute(url, "create role " + user + " login password 'pw'");
        return url.replaceFirst("//[^@]+@", "//" + user + ":pw@");
    }

    private static void execute(String url, String sql) throws SQLException {
        try (Connection connection = TestDatabase.connect(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static List<String> query(String url, String sql) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Connection connection = TestDatabase.connect(url);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                values.add(rows.getString(1));
            }
        }
        return values;
    }
}
