package dev.sluice.server;

import dev.sluice.audit.AuditLog;
import dev.sluice.audit.AuditQueries;
import dev.sluice.audit.Replica;
import dev.sluice.database.Database;
import dev.sluice.delivery.DownloadErrors;
import dev.sluice.delivery.DownloadHistory;
import dev.sluice.delivery.DownloadRecords;
import dev.sluice.delivery.HistoryQueries;
import dev.sluice.metrics.Meters;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything that is recorded, and its end: nothing that happened is left in memory when the process goes. */
record Recording(
        Replica replica, AuditLog audit, DownloadHistory history, DownloadErrors errors, RecordHandlers handlers) {
    private static final Logger log = LoggerFactory.getLogger(Recording.class);

    private static final Duration FLUSH_TAKES = Duration.ofSeconds(5);

    static Future<Recording> start(Vertx vertx, Database database, Meters meters, Clock clock, Patience patience) {
        return Replica.join(vertx, database)
                .map(replica -> new Recording(
                        replica,
                        new AuditLog(vertx, database, replica, meters, patience.intent()),
                        new DownloadHistory(vertx, database, replica, meters),
                        new DownloadErrors(vertx, database, replica, meters),
                        new RecordHandlers(new HistoryQueries(database), new AuditQueries(database), clock)));
    }

    DownloadRecords downloads() {
        return new DownloadRecords(audit, history);
    }

    /** Never fails: what cannot be written within a while is told in the log. */
    Future<Void> flush() {
        return Future.all(audit.flush(), history.flush(), errors.flush())
                .timeout(FLUSH_TAKES.toMillis(), TimeUnit.MILLISECONDS)
                .<Void>mapEmpty()
                .otherwise(failure -> {
                    log.error("Records could not be written before the end; they will read as unknown", failure);
                    return null;
                });
    }

    /** Flushes, and says that nothing more will come. Never fails. */
    Future<Void> close() {
        return flush().compose(flushed -> replica.leave()).otherwiseEmpty();
    }
}
