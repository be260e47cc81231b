package dev.sluice.jobs;

import dev.sluice.database.Actor;
import dev.sluice.database.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells all replicas which jobs are being written to, so that none is published meanwhile. Never blocks. */
public final class OpenUploads {
    private static final Logger log = LoggerFactory.getLogger(OpenUploads.class);

    /** An upload of a process that has ended counts for so long. */
    private static final Duration TERM = Duration.ofSeconds(60);

    private static final Duration RENEWAL = Duration.ofSeconds(15);

    private final Database database;
    private final Set<Long> own = ConcurrentHashMap.newKeySet();

    public OpenUploads(Database database) {
        this.database = database;
    }

    /** Keeps this process's uploads open for as long as they last. */
    public void renewRegularly(Vertx vertx) {
        vertx.setPeriodic(
                RENEWAL.toMillis(),
                tick -> renew().onFailure(failure -> log.warn("Open uploads were not renewed", failure)));
    }

    private Future<Void> renew() {
        return own.isEmpty()
                ? Future.succeededFuture()
                : run(
                                "update open_uploads set expires_at = now() + make_interval(secs => $1) where id = any($2)",
                                Tuple.of(TERM.toSeconds() * 1.0).addArrayOfLong(own.toArray(Long[]::new)))
                        .mapEmpty();
    }

    /** Runs an upload into the job; the job counts as being written to until that has ended. */
    <T> Future<T> during(JobId job, Supplier<Future<T>> upload) {
        return run(
                        "insert into open_uploads (job_id, expires_at) values ($2, now() + make_interval(secs => $1)) returning id",
                        Tuple.of(TERM.toSeconds() * 1.0, job.value()))
                .map(rows -> rows.iterator().next().getLong("id"))
                .compose(id -> {
                    own.add(id);
                    return upload.get().eventually(() -> closed(id));
                });
    }

    private Future<Void> closed(Long id) {
        own.remove(id);
        return run("delete from open_uploads where id = $1 or expires_at < now() - interval '1 day'", Tuple.of(id))
                .<Void>mapEmpty()
                .onFailure(failure -> log.warn("An upload counts as open until it expires", failure))
                .otherwiseEmpty();
    }

    private Future<RowSet<Row>> run(String sql, Tuple arguments) {
        return database.as(
                new Actor.Ingest(), connection -> connection.preparedQuery(sql).execute(arguments));
    }
}
