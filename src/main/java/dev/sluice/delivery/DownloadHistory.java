package dev.sluice.delivery;

import dev.sluice.audit.Outbox;
import dev.sluice.audit.Printable;
import dev.sluice.audit.Replica;
import dev.sluice.database.Database;
import dev.sluice.metrics.Meters;
import dev.sluice.metrics.Outcome;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;

/**
 * Downloads as people count them: all requests of one subject for one version of one thing, from one address and client, are
 * one, until every byte has been sent or nothing has happened for a while; whatever replica each of them reaches. Any thread.
 */
public final class DownloadHistory {
    /** Who comes back later begins a new download. */
    static final Duration WINDOW = Duration.ofMinutes(15);

    /** Changes that are kept while the database is away: some 40 MB. */
    private static final int KEPT = 65_536;

    private static final int LONGEST_NAME = 1024;

    private final Replica replica;
    private final Outbox<JsonObject> changes;

    public DownloadHistory(Vertx vertx, Database database, Replica replica, Meters meters) {
        this.replica = replica;
        this.changes = new Outbox<>(
                vertx,
                "Changes of the download history",
                KEPT,
                (number, batch) -> database.call(
                        "select record_downloads($1, $2, $3, $4)",
                        Tuple.of(replica.id(), number, WINDOW.toSeconds(), new JsonArray(batch))),
                count -> meters.recordsLost("history", count));
        meters.recordsWaiting("history", changes::size);
    }

    /** One request of a download. */
    record Request(String transfer, String fingerprint) {}

    Request began(Asked asked, Representation representation, boolean whole, String address, String agent) {
        String tag = representation.tag().toString();
        String fingerprint = new ContentTag("download")
                .add(asked.owner())
                .add(representation.kind())
                .add(asked.resourceType())
                .add(asked.resource())
                .add(representation.filename())
                .add(tag)
                .add(address)
                .add(agent)
                .tag()
                .opaque();
        Request request = new Request(replica.id() + "/" + asked.id(), fingerprint);
        changes.add(change(request)
                .put("owner", asked.owner())
                .put("kind", representation.kind())
                .put("resource_type", asked.resourceType())
                .put("resource", Printable.of(asked.resource(), LONGEST_NAME))
                .put("filename", Printable.of(representation.filename(), LONGEST_NAME))
                .put("tag", tag)
                .put("address", address)
                .put("user_agent", agent)
                .put("whole", whole)
                .put("total", representation.layout().length()));
        return request;
    }

    /** Bytes {@code [low, high)} of the whole have left. */
    void ended(Request request, Outcome outcome, long low, long high) {
        changes.add(change(request)
                // Whether that was all of it is known where all requests come together.
                .put("ended", outcome == Outcome.COMPLETED ? "partial" : outcome.label())
                .put("low", low)
                .put("high", high));
    }

    private static JsonObject change(Request request) {
        return new JsonObject().put("transfer", request.transfer()).put("fingerprint", request.fingerprint());
    }

    /** Completes when all that happened is written. */
    public Future<Void> flush() {
        return changes.flush();
    }
}
