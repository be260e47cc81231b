package dev.sluice.database;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.stream.Collectors;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationVersion;

/**
 * Brings the schema {@code sluice} up to date, as the user of the URL, who owns it from then on. Replicas may start
 * together: Flyway serializes them by an advisory lock. Blocking: a worker or the command line only.
 */
public final class Migrations {
    static final String SCHEMA = "sluice";
    static final String SERVER_ROLE = "sluice_server";
    private static final String HISTORY = "flyway_schema_history";

    private Migrations() {}

    /**
     * Migrates.
     *
     * @throws IllegalArgumentException when the URL cannot be read
     * @throws org.flywaydb.core.api.FlywayException when the server refuses; the message says what to run by hand when a
     *     right is missing
     */
    public static void run(String url) {
        flyway(DatabaseUrl.parse(url)).migrate();
    }

    /** Migrates when the user may; else makes sure that somebody who may has done so. */
    static void runOrCheck(String url) throws SQLException {
        DatabaseUrl target = DatabaseUrl.parse(url);
        try (Connection connection = connect(target);
                Statement statement = connection.createStatement()) {
            if (mayMigrate(statement)) {
                run(url);
            } else {
                check(target, statement);
            }
        }
    }

    private static boolean mayMigrate(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("""
                select coalesce(
                    (select pg_has_role(nspowner, 'USAGE') from pg_namespace where nspname = '%s'),
                    has_database_privilege(current_database(), 'CREATE'))
                """.formatted(SCHEMA))) {
            row.next();
            return row.getBoolean(1);
        }
    }

    private static void check(DatabaseUrl target, Statement statement) throws SQLException {
        MigrationVersion needed = newest(target);
        statement.execute("set role " + SERVER_ROLE);
        MigrationVersion found = MigrationVersion.EMPTY;
        try (ResultSet rows = statement.executeQuery(
                "select version from %s.%s where success and version is not null".formatted(SCHEMA, HISTORY))) {
            while (rows.next()) {
                MigrationVersion version = MigrationVersion.fromVersion(rows.getString(1));
                found = version.compareTo(found) > 0 ? version : found;
            }
        }
        if (found.compareTo(needed) < 0) {
            throw new IllegalStateException(
                    "the schema is at version %s, this release needs %s, and %s may not migrate it: run migrate as its owner"
                            .formatted(found, needed, target.user()));
        }
    }

    private static MigrationVersion newest(DatabaseUrl target) {
        MigrationVersion newest = MigrationVersion.EMPTY;
        for (var migration : flyway(target).info().all()) {
            if (migration.getVersion() != null && migration.getVersion().compareTo(newest) > 0) {
                newest = migration.getVersion();
            }
        }
        return newest;
    }

    private static Connection connect(DatabaseUrl target) throws SQLException {
        var properties = target.jdbcProperties();
        properties.put("user", target.user());
        properties.put("password", target.password());
        return DriverManager.getConnection(target.jdbcUrl(), properties);
    }

    private static Flyway flyway(DatabaseUrl target) {
        Map<String, String> properties = target.jdbcProperties().entrySet().stream()
                .collect(Collectors.toMap(
                        entry -> "flyway.jdbcProperties." + entry.getKey(), entry -> (String) entry.getValue()));
        return Flyway.configure()
                .dataSource(target.jdbcUrl(), target.user(), target.password())
                .configuration(properties)
                .schemas(SCHEMA)
                .createSchemas(true)
                .table(HISTORY)
                .locations("classpath:db/migration")
                .cleanDisabled(true)
                .load();
    }
}
