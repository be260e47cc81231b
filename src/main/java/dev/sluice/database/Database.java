package dev.sluice.database;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * PostgreSQL, as the server may use it: every connection works as the role {@code sluice_server}, which owns nothing and
 * cannot bypass row-level security. The role, search path and timeouts travel in the start-up message, so there is no
 * connection on which they could have been forgotten.
 *
 * <p>Never blocks; futures complete on the caller's context. Waiting is bounded everywhere: for a connection, for a lock and
 * for any sign of life by {@link DatabaseConfig#poolWait}, for an answer by {@link DatabaseConfig#statementTimeout}, also
 * when the server is frozen and cannot enforce it itself. All of it fails with {@link DatabaseUnavailable}. Lost connections
 * are replaced by the next use.
 */
public final class Database {
    private static final Logger log = LoggerFactory.getLogger(Database.class);

    /** On which calls are on their way at once: so many statements are worked on side by side. */
    public static final int PIPELINED_CONNECTIONS = 2;

    private static final Duration START_PATIENCE = Duration.ofSeconds(20);
    private static final Duration START_RETRY = Duration.ofMillis(250);

    /** Calls that may be on their way on one connection: more would only wait in the server's socket. */
    private static final int PIPELINE = 64;

    /**
     * Waiters beyond these are refused at once. A transaction takes milliseconds, so more of them would only queue up to
     * time out together; calls pass by tens of thousands a second, there the bound is for memory.
     */
    private static final int WAITING_TRANSACTIONS_PER_CONNECTION = 256;

    private static final int WAITING_CALLS = 16_384;

    private final Pool pool;
    private final SqlClient pipelined;
    private final Pulse pulse;
    private final Announcements announcements;
    private final LongAdder asked = new LongAdder();
    private final WorkerExecutor worker;
    private final Optional<EmbeddedPostgres> embedded;
    private final Duration callLimit;
    private final Duration transactionLimit;

    private volatile Consumer<Duration> waits = waited -> {};

    private Database(
            Vertx vertx,
            WorkerExecutor worker,
            Optional<EmbeddedPostgres> embedded,
            DatabaseUrl url,
            DatabaseConfig config) {
        this.worker = worker;
        this.embedded = embedded;
        this.callLimit = config.poolWait().plus(config.statementTimeout());
        this.transactionLimit = config.poolWait().plus(config.statementTimeout().multipliedBy(2));
        NetClientOptions net = new NetClientOptions()
                .setConnectTimeout(Math.toIntExact(config.connectTimeout().toMillis()))
                .setTcpKeepAlive(true)
                // A peer that is gone without a word: the connection is given up, and the next use makes another.
                .setTcpUserTimeout(Math.toIntExact(transactionLimit.toMillis()))
                .setTcpNoDelay(true);
        this.pool = PgBuilder.pool()
                .with(poolOptions(config, config.poolSize(), config.poolSize() * WAITING_TRANSACTIONS_PER_CONNECTION))
                .with(net)
                .connectingTo(connectOptions(url, config))
                .using(vertx)
                .build();
        this.pipelined = PgBuilder.client()
                .with(poolOptions(config, PIPELINED_CONNECTIONS, WAITING_CALLS))
                .with(net)
                .connectingTo(connectOptions(url, config).setPipeliningLimit(PIPELINE))
                .using(vertx)
                .build();
        this.pulse = new Pulse(
                PgBuilder.client()
                        .with(poolOptions(config, 1, 1))
                        .with(net)
                        .connectingTo(connectOptions(url, config))
                        .using(vertx)
                        .build(),
                config.poolWait());
        this.announcements = new Announcements(
                vertx,
                connectOptions(url, config),
                word -> pipelined
                        .preparedQuery("select pg_notify($1, $2)")
                        .execute(Tuple.of(Announcements.CHANNEL, word)),
                config.poolWait());
    }

    /**
     * Starts the embedded server when there is no URL, migrates (or, as a user who may not, checks that it was done) and
     * connects. Fails when PostgreSQL cannot be reached or refuses; nothing is left running then.
     */
    public static Future<Database> open(Vertx vertx, DatabaseConfig config) {
        WorkerExecutor worker = vertx.createSharedWorkerExecutor("sluice-database", 1, 5, TimeUnit.MINUTES);
        return worker.executeBlocking(() -> Prepared.of(config))
                .compose(prepared -> connect(vertx, worker, prepared, config))
                .onFailure(failure -> worker.close());
    }

    private record Prepared(String url, Optional<EmbeddedPostgres> embedded) {
        static Prepared of(DatabaseConfig config) throws IOException {
            if (config.url().isPresent()) {
                return new Prepared(config.url().get(), Optional.empty());
            }
            EmbeddedPostgres embedded = EmbeddedPostgres.start(config.embeddedDir());
            return new Prepared(embedded.url(), Optional.of(embedded));
        }
    }

    private static Future<Database> connect(
            Vertx vertx, WorkerExecutor worker, Prepared prepared, DatabaseConfig config) {
        Database database = new Database(vertx, worker, prepared.embedded(), DatabaseUrl.parse(prepared.url()), config);
        return database.migrate(prepared.url())
                // Of each kind of connection the first is made here: it takes longest.
                .compose(migrated -> database.atStart(
                        vertx,
                        () -> database.call("select 1", Tuple.tuple())
                                .compose(answered -> typed(database.pulse.beat()))
                                .compose(beaten -> database.as(new Actor.Background(), c -> Future.succeededFuture()))))
                .map(database)
                .recover(failure -> database.close().transform(closed -> Future.failedFuture(failure)));
    }

    /** Whatever keeps us from reading what was done already, a migration says it better. */
    private Future<?> migrate(String url) {
        return worker.executeBlocking(AppliedMigrations::released)
                .compose(released -> AppliedMigrations.are(released, this))
                .onFailure(failure -> log.debug("What was migrated cannot be read", failure))
                .otherwise(false)
                .compose(done -> done
                        ? Future.succeededFuture()
                        : worker.executeBlocking(() -> {
                            Migrations.runOrCheck(url);
                            return done;
                        }));
    }

    /**
     * Asks what a start cannot go on without, again and again for a while: a server that has only just started, on a busy
     * machine, may take longer to its first answers than a request may wait. What PostgreSQL itself refuses, such as a wrong
     * password, is final.
     *
     * @param question may be asked several times
     */
    public <T> Future<T> atStart(Vertx vertx, Supplier<Future<T>> question) {
        return patiently(vertx, question, System.nanoTime() + START_PATIENCE.toNanos());
    }

    private static <T> Future<T> patiently(Vertx vertx, Supplier<Future<T>> question, long deadline) {
        return question.get()
                .recover(failure -> !(failure instanceof DatabaseUnavailable) || System.nanoTime() > deadline
                        ? Future.failedFuture(failure)
                        : vertx.timer(START_RETRY.toMillis(), TimeUnit.MILLISECONDS)
                                .compose(again -> patiently(vertx, question, deadline)));
    }

    /**
     * Lets waits be measured.
     *
     * @param waits is told, on an event loop, how long each transaction waited for its connection and its beginning, or in vain
     */
    public void measureWaits(Consumer<Duration> waits) {
        this.waits = waits;
    }

    /**
     * Runs work in one transaction, on a connection of its own, as an actor: committed when the work succeeds, rolled
     * back when it fails, throws, outlives {@code poolWait + 2 × statementTimeout} or is given up because the server says
     * nothing for {@code poolWait}. The connection must not be used after the returned future completes. Fails as the work
     * does, or with {@link DatabaseUnavailable}.
     */
    public <T> Future<T> as(Actor actor, Function<SqlConnection, Future<T>> work) {
        long start = System.nanoTime();
        asked.increment();
        AtomicBoolean begun = new AtomicBoolean();
        AtomicBoolean givenUp = new AtomicBoolean();
        Future<T> done = pool.withTransaction(connection -> begin(connection, actor, start, begun)
                .compose(set -> work.apply(connection))
                // Whoever asked may have been told that it failed; then it must not be committed.
                .compose(result -> givenUp.get()
                        ? Future.failedFuture(new TimeoutException("given up before its commit"))
                        : Future.succeededFuture(result)));
        return typed(pulse.during(done, transactionLimit).onFailure(failure -> givenUp.set(true)))
                .onFailure(failure -> measure(start, begun));
    }

    private Future<RowSet<Row>> begin(SqlConnection connection, Actor actor, long start, AtomicBoolean begun) {
        measure(start, begun);
        return connection.preparedQuery("select act_as($1, $2)").execute(Tuple.of(actor.setting(), actor.owner()));
    }

    private void measure(long start, AtomicBoolean begun) {
        if (begun.compareAndSet(false, true)) {
            waits.accept(Duration.ofNanos(System.nanoTime() - start));
        }
    }

    /**
     * Runs one statement that is a transaction of its own, on a connection shared with other calls on their way. For
     * owner-scoped rows it must be a function that is VOLATILE, SECURITY INVOKER, sets the actor itself and returns the
     * rows, as {@code select * from job_of($1, $2)}; anything else sees no rows at all. Fails with
     * {@link DatabaseUnavailable} or with what PostgreSQL objects to.
     */
    public Future<RowSet<Row>> call(String sql, Tuple arguments) {
        return call(sql, arguments, 1);
    }

    /** As the other, a statement that answers so many questions. */
    public Future<RowSet<Row>> call(String sql, Tuple arguments, int questions) {
        asked.add(questions);
        return typed(pulse.during(pipelined.preparedQuery(sql).execute(arguments), callLimit));
    }

    /**
     * As {@link #call(String, Tuple)}, of one statement for each of the arguments, all in one transaction.
     *
     * @return the rows for the first, after which come those for the next ({@link RowSet#next})
     */
    public Future<RowSet<Row>> callEach(String sql, List<Tuple> arguments) {
        asked.add(arguments.size());
        return typed(pulse.during(pipelined.preparedQuery(sql).executeBatch(arguments), callLimit));
    }

    private static <T> Future<T> typed(Future<T> answer) {
        return answer.recover(failure -> Future.failedFuture(DatabaseUnavailable.orCause(failure)));
    }

    /** What is announced of changes, by whomever. */
    public Announcements announcements() {
        return announcements;
    }

    /** Questions and transactions that were begun since the start; one statement may answer several questions. */
    public long asked() {
        return asked.sum();
    }

    /** Closes the connections and then the embedded server. */
    public Future<Void> close() {
        return Future.join(List.of(announcements.close(), pool.close(), pipelined.close(), pulse.close()))
                .transform(closed -> worker.executeBlocking(() -> {
                            embedded.ifPresent(EmbeddedPostgres::close);
                            return closed;
                        })
                        .eventually(worker::close))
                .compose(closed -> closed.succeeded() ? Future.succeededFuture() : Future.failedFuture(closed.cause()));
    }

    private static PoolOptions poolOptions(DatabaseConfig config, int connections, int waiting) {
        return new PoolOptions()
                .setMaxSize(connections)
                .setMaxWaitQueueSize(waiting)
                .setConnectionTimeout(Math.toIntExact(config.poolWait().toMillis()))
                .setConnectionTimeoutUnit(TimeUnit.MILLISECONDS);
    }

    private static PgConnectOptions connectOptions(DatabaseUrl url, DatabaseConfig config) {
        String statementTimeout = Long.toString(config.statementTimeout().toMillis());
        return url.connectOptions()
                .setCachePreparedStatements(true)
                .addProperty("application_name", "sluice")
                .addProperty("role", Migrations.SERVER_ROLE)
                .addProperty("search_path", Migrations.SCHEMA + ", pg_temp")
                .addProperty("statement_timeout", statementTimeout)
                .addProperty("lock_timeout", Long.toString(config.poolWait().toMillis()))
                .addProperty("idle_in_transaction_session_timeout", statementTimeout);
    }
}
