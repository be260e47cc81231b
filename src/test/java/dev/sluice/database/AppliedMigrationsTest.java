package dev.sluice.database;

import static dev.sluice.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AppliedMigrationsTest {
    /** Fails after each new script until db/released.txt is as is said here. */
    @Test
    void whatIsReleasedIsWhatFlywayRecords() throws SQLException {
        try (TestDatabase test = TestDatabase.fresh()) {
            assertThat(AppliedMigrations.released()).isEqualTo(ask(test.url(), """
                    select string_agg(concat_ws(' ', version, checksum) || chr(10), '' order by installed_rank)
                    from sluice.flyway_schema_history where type = 'SQL'"""));
        }
    }

    @Test
    void aStartLeavesAMigratedDatabaseAsItIs() throws SQLException {
        try (TestDatabase test = TestDatabase.fresh()) {
            execute(
                    test.url(),
                    "update sluice.flyway_schema_history set description = 'other words' where version = '5'");

            start(test.url());

            assertThatThrownBy(() -> Migrations.run(test.url()))
                    .as("what tells that Flyway was not run")
                    .hasMessageContaining("description mismatch");
        }
    }

    @Test
    void aStartMigratesAnEmptyDatabase() throws SQLException {
        String url = TestDatabase.emptyUrl();

        start(url);

        assertThat(ask(url, "select count(*) > 1 from sluice.flyway_schema_history"))
                .isEqualTo("t");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "delete from sluice.flyway_schema_history where version = '27'",
                "delete from sluice.flyway_schema_history where version is not null",
                "update sluice.flyway_schema_history set checksum = checksum + 1 where version = '5'",
                "update sluice.flyway_schema_history set checksum = null where version = '5'",
                "update sluice.flyway_schema_history set success = false where version = '27'",
                "update sluice.flyway_schema_history set version = '1000' where version = '27'",
                "update sluice.flyway_schema_history set version = null where version = '27'",
                "alter role sluice_server login",
            })
    void whatIsNotAsThisReleaseWantsItIsLeftToFlyway(String change) throws SQLException {
        try (TestDatabase test = TestDatabase.fresh()) {
            assertThat(await(AppliedMigrations.are(AppliedMigrations.released(), test.database())))
                    .isTrue();
            execute(test.url(), change);
            try {
                assertThat(await(AppliedMigrations.are(AppliedMigrations.released(), test.database())))
                        .isFalse();
            } finally {
                execute(test.url(), "alter role sluice_server nologin");
            }
        }
    }

    @Test
    void aRoleThatMayLogInStopsTheStart() throws SQLException {
        try (TestDatabase test = TestDatabase.fresh()) {
            execute(test.url(), "alter role sluice_server login");
            try {
                assertThatThrownBy(() -> start(test.url()))
                        .hasMessageContaining("may log in or bypass row-level security");
            } finally {
                execute(test.url(), "alter role sluice_server nologin");
            }
        }
    }

    private static void start(String url) {
        Vertx vertx = Vertx.vertx();
        Duration wait = Duration.ofSeconds(20);
        try {
            await(Database.open(vertx, new DatabaseConfig(Optional.of(url), Path.of("target"), 1, wait, wait, wait))
                    .compose(Database::close));
        } finally {
            await(vertx.close());
        }
    }

    private static void execute(String url, String sql) throws SQLException {
        try (Connection connection = TestDatabase.connect(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String ask(String url, String question) throws SQLException {
        try (Connection connection = TestDatabase.connect(url);
                Statement statement = connection.createStatement();
                ResultSet answer = statement.executeQuery(question)) {
            answer.next();
            return answer.getString(1);
        }
    }
}
