package dev.sluice.database;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.stream.Collectors;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;

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
     * Migrates the database of the URL, or the embedded one, which is started for it and stopped again.
     *
     * @throws IllegalArgumentException when the URL cannot be read
     * @throws IllegalStateException when the user may not migrate, or another process uses the embedded database
     * @throws SQLException when PostgreSQL cannot be reached or refuses the user
     * @throws IOException when the embedded server cannot be started
     * @throws org.flywaydb.core.api.FlywayException when the server refuses; the message says what to run by hand when a
     *     right is missing
     */
    public static void run(DatabaseConfig config) throws IOException, SQLException {
        if (config.url().isPresent()) {
            run(config.url().get());
        } else {
            try (EmbeddedPostgres embedded = EmbeddedPostgres.start(config.embeddedDir())) {
                run(embedded.url());
            }
        }
    }

    static void run(String url) throws SQLException {
        DatabaseUrl target = DatabaseUrl.parse(url);
        if (!mayMigrate(target)) {
            throw new IllegalStateException(
                    "%s may not migrate %s: run it as the owner of the schema %s, or, to create that, GRANT CREATE ON DATABASE %s TO %s"
                            .formatted(target.user(), target, SCHEMA, target.database(), target.user()));
        }
        flyway(target).load().migrate();
    }

    /** Migrates when the user may; else makes sure that somebody who may has done so. */
    static void runOrCheck(String url) throws SQLException {
        DatabaseUrl target = DatabaseUrl.parse(url);
        if (mayMigrate(target)) {
            flyway(target).load().migrate();
        } else {
            check(target);
        }
    }

    private static boolean mayMigrate(DatabaseUrl target) throws SQLException {
        return ask(target, """
                select coalesce(
                    (select pg_has_role(nspowner, 'USAGE') from pg_namespace where nspname = '%s'),
                    has_database_privilege(current_database(), 'CREATE'))
                """.formatted(SCHEMA));
    }

    /** As the role that the user does have, since it may read the history. */
    private static void check(DatabaseUrl target) throws SQLException {
        boolean migrated = ask(
                target,
                "select exists (select from pg_tables where schemaname = '%s' and tablename = '%s')"
                        .formatted(SCHEMA, HISTORY));
        if (!migrated
                || flyway(target)
                                .initSql("set role " + SERVER_ROLE)
                                .load()
                                .info()
                                .pending()
                                .length
                        > 0) {
            throw new IllegalStateException(
                    "the schema %s of %s is %s, and this user may not migrate it: run migrate as its owner"
                            .formatted(SCHEMA, target, migrated ? "older than this release" : "missing"));
        }
    }

    private static boolean ask(DatabaseUrl target, String question) throws SQLException {
        try (Connection connection = connect(target);
                Statement statement = connection.createStatement();
                ResultSet answer = statement.executeQuery(question)) {
            answer.next();
            return answer.getBoolean(1);
        }
    }

    private static Connection connect(DatabaseUrl target) throws SQLException {
        var properties = target.jdbcProperties();
        properties.put("user", target.user());
        properties.put("password", target.password());
        return DriverManager.getConnection(target.jdbcUrl(), properties);
    }

    private static FluentConfiguration flyway(DatabaseUrl target) {
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
                .cleanDisabled(true);
    }
}
