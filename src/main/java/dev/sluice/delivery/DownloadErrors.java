package dev.sluice.delivery;

import dev.sluice.audit.Outbox;
import dev.sluice.audit.Replica;
import dev.sluice.database.Database;
import dev.sluice.metrics.Meters;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;

/** Downloads that were refused before anything of them was sent, for their owner's statistics. Any thread. */
public final class DownloadErrors {
    /** Kept while the database is away: some 10 MB. */
    private static final int KEPT = 65_536;

    private final Outbox<JsonObject> errors;

    public DownloadErrors(Vertx vertx, Database database, Replica replica, Meters meters) {
        this.errors = new Outbox<>(
                vertx,
                "Refusals of downloads",
                KEPT,
                (number, batch) -> database.call(
                        "select record_download_errors($1, $2, $3)",
                        Tuple.of(replica.id(), number, new JsonArray(batch))),
                count -> meters.recordsLost("errors", count));
        meters.recordsWaiting("errors", errors::size);
    }

    /**
     * Counts one; written soon.
     *
     * @param owner who asked
     */
    public void refused(String owner, int status) {
        errors.add(new JsonObject().put("owner", owner).put("status", status));
    }

    /** Completes when all that happened is written. */
    public Future<Void> flush() {
        return errors.flush();
    }
}
