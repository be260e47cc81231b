package dev.sluice.database;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A fresh, migrated database of its own for one test or one test class, on a real PostgreSQL that is started once for
 * the test JVM and kept under {@code target/} between runs. Blocking.
 */
public final class TestDatabase implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final Vertx vertx;
    private final String name;
    private final DatabaseConfig config;
    private final Database database;

    private TestDatabase(Vertx vertx, String name, DatabaseConfig config, Database database) {
        this.vertx = vertx;
        this.name = name;
        this.config = config;
        this.database = database;
    }

    /** Migrated and connected, pool of 4, waits of 20 s: less than a test waits, and more than a busy machine takes. */
    public static TestDatabase fresh() {
        return fresh(4, Duration.ofSeconds(20), Duration.ofSeconds(20));
    }

    /**
     * With limits of its own.
     *
     * @param patience for a statement's answer, and until PostgreSQL ends a transaction in which nothing happens
     */
    public static TestDatabase fresh(int poolSize, Duration wait, Duration patience) {
        String name = empty("template migrated");
        String url = url(name);
        DatabaseConfig config = new DatabaseConfig(
                Optional.of(url), Path.of("target"), poolSize, Duration.ofSeconds(5), wait, patience);
        Vertx vertx = Vertx.vertx();
        return new TestDatabase(vertx, name, config, await(Database.open(vertx, config)));
    }

    /** A connection URI of the user who owns the schema. */
    public String url() {
        return config.url().orElseThrow();
    }

    public DatabaseConfig config() {
        return config;
    }

    /** Connected as the server would be. */
    public Database database() {
        return database;
    }

    /** Plain JDBC as the schema's owner; even that user is subject to row-level security. */
    public Connection owner() {
        return connect(url());
    }

    /** Whether this database can be connected to; when not, those who are connected are thrown out too. */
    public void allowConnections(boolean allow) {
        execute(Server.POSTGRES.url(), "alter database " + name + " with allow_connections " + allow);
        if (!allow) {
            execute(
                    Server.POSTGRES.url(),
                    "select pg_terminate_backend(pid) from pg_stat_activity where datname = '" + name + "'");
        } else {
            awaitAnswers();
        }
    }

    /** Connections that were thrown out are found out by their next use. */
    private void awaitAnswers() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            Future<?> answers = Future.all(
                    database.call("select 1", Tuple.tuple()),
                    database.as(
                            new Actor.Background(),
                            connection -> connection.query("select 1").execute()));
            try {
                await(answers);
                return;
            } catch (Exception notYet) {
                if (System.nanoTime() > deadline) {
                    throw notYet;
                }
            }
        }
    }

    @Override
    public void close() {
        await(database.close());
        await(vertx.close());
        drop(name);
    }

    /** Waits for a future, at most 30 s; a failure comes back as the cause of an {@link AssertionError}. */
    public static <T> T await(Future<T> future) {
        try {
            return future.await(30, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("not completed within 30 s", e);
        }
    }

    /** A database without any tables, dropped when the JVM's next run begins. */
    static String emptyUrl() {
        return url(empty("template template0"));
    }

    static Connection connect(String url) {
        DatabaseUrl target = DatabaseUrl.parse(url);
        try {
            return DriverManager.getConnection(target.jdbcUrl(), target.user(), target.password());
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static String empty(String options) {
        String name = "test_" + NUMBER.incrementAndGet();
        execute(Server.POSTGRES.url(), "create database " + name + " " + options);
        return name;
    }

    private static void drop(String name) {
        String drop = "drop database " + name;
        try (Connection connection = connect(Server.POSTGRES.url());
                Statement statement = connection.createStatement()) {
            try {
                // Waits for connections that are closing and sends autovacuum away, which force is not permitted to.
                statement.execute(drop);
            } catch (SQLException inUse) {
                statement.execute(drop + " with (force)");
            }
        } catch (SQLException e) {
            throw new AssertionError(drop, e);
        }
    }

    private static String url(String database) {
        return withDatabase(Server.POSTGRES.url(), database);
    }

    private static String withDatabase(String url, String database) {
        return url.replaceFirst("/sluice\\?", "/" + database + "?");
    }

    private static void execute(String url, String sql) {
        try (Connection connection = connect(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    /** Started by whoever asks first. */
    private static final class Server {
        static final EmbeddedPostgres POSTGRES = start();

        private static EmbeddedPostgres start() {
            EmbeddedPostgres postgres = startInFreeDirectory();
            Runtime.getRuntime().addShutdownHook(new Thread(postgres::close));
            // No test pulls the plug on it: commits need not wait for a disk that the tests themselves keep busy.
            execute(postgres.url(), "alter role current_user set synchronous_commit = off");
            leftOver(postgres.url()).forEach(name -> execute(postgres.url(), "drop database " + name));
            execute(postgres.url(), "create database migrated");
            try {
                Migrations.run(withDatabase(postgres.url(), "migrated"));
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
            return postgres;
        }

        /** Test JVMs that run at the same time have a server each. */
        private static EmbeddedPostgres startInFreeDirectory() {
            for (int number = 1; ; number++) {
                try {
                    return EmbeddedPostgres.start(Path.of("target", "postgres-" + number));
                } catch (IllegalStateException e) {
                    if (number == 8) {
                        throw e;
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }

        private static List<String> leftOver(String url) {
            List<String> names = new ArrayList<>();
            try (Connection connection = connect(url);
                    Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(
                            "select datname from pg_database where datname = 'migrated' or datname like 'test\\_%'")) {
                while (rows.next()) {
                    names.add(rows.getString(1));
                }
                return names;
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
        }
    }
}
