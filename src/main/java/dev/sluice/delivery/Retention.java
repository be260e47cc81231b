package dev.sluice.delivery;

import dev.sluice.database.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes records that are older than they are kept, a few at a time, so that nothing waits for it. Of several processes one does
 * it at a time. Never blocks.
 */
public final class Retention {
    private static final Logger log = LoggerFactory.getLogger(Retention.class);

    /** After the start, which has enough to do. */
    private static final Duration SOON = Duration.ofMinutes(1);

    /** Rows of each kind that one transaction deletes. */
    static final int BATCH = 1_000;

    private final Database database;
    private final Duration audit;
    private final Duration downloads;

    /**
     * @param audit for how long it is kept who did what; the database keeps it for 30 days in any case
     * @param downloads for how long the history of downloads is kept
     */
    public Retention(Database database, Duration audit, Duration downloads) {
        this.database = database;
        this.audit = audit;
        this.downloads = downloads;
    }

    /** As long as the Vert.x instance lives. */
    public void forgetHourly(Vertx vertx) {
        vertx.setPeriodic(
                SOON.toMillis(),
                Duration.ofHours(1).toMillis(),
                hour -> forget().onFailure(failure ->
                        log.warn("Old records could not be deleted; tried again in an hour", failure)));
    }

    /** Completes with how many rows this process deleted. */
    public Future<Long> forget() {
        return forget(0).onSuccess(forgotten -> log.debug("Deleted {} records that were old enough", forgotten));
    }

    private Future<Long> forget(long before) {
        return database.call(
                        "select forget_records($1, $2, $3) as forgotten",
                        Tuple.of(audit.toSeconds(), downloads.toSeconds(), BATCH))
                .map(rows -> rows.iterator().next().getLong("forgotten"))
                .compose(forgotten -> forgotten == 0 ? Future.succeededFuture(before) : forget(before + forgotten));
    }
}
