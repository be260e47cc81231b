package dev.sluice.audit;

import dev.sluice.database.Database;
import dev.sluice.metrics.Meters;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes who does what. What takes time is begun, which is certain before it starts, and ended, which is written soon after; a
 * process that ends in between leaves an outcome that reads as {@code unknown}. Any thread; never blocks.
 */
public final class AuditLog {
    private static final Logger log = LoggerFactory.getLogger(AuditLog.class);

    /** Outcomes that are kept while the database is away: some 20 MB. */
    private static final int KEPT = 65_536;

    private final Replica replica;
    private final Database database;
    private final GroupCommit<AuditEvent> intents;
    private final Outbox<AuditOutcome> outcomes;
    private final AtomicBoolean failing = new AtomicBoolean();

    /** @param patience a database that takes longer to commit is as good as away: the client is told to come again */
    public AuditLog(Vertx vertx, Database database, Replica replica, Meters meters, Duration patience) {
        this.database = database;
        this.replica = replica;
        this.intents = new GroupCommit<>(this::write, patience, this::neverBegun);
        this.outcomes = new Outbox<>(
                vertx,
                "Outcomes of audit",
                KEPT,
                (number, batch) ->
                        database.call("select record_outcomes($1)", Tuple.of(json(batch, AuditOutcome::toJson))),
                count -> meters.recordsLost("audit", count));
        meters.recordsWaiting("audit", outcomes::size);
    }

    /** Completes when the intent is committed. Fails when it may not be: then it must not be done. */
    public Future<Void> begin(AuditEvent event) {
        return intents.add(event);
    }

    /** Of what has begun; written soon. */
    public void end(AuditOutcome outcome) {
        outcomes.add(outcome);
    }

    /**
     * Writes something that is done in this transaction, and only if it is. The transaction's actor is the owner that the event
     * names, a trainer, or the background.
     */
    public static Future<Void> record(SqlConnection connection, AuditEvent event, String outcome) {
        return connection
                .preparedQuery("""
                        insert into audit (id, event_type, actor, action, resource_type, resource_id, details, request_id,
                            outcome, closed_at)
                        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, clock_timestamp())""")
                .execute(Tuple.from(List.of(
                        event.id(),
                        event.type(),
                        event.actor(),
                        event.action(),
                        event.resourceType(),
                        event.resourceId(),
                        event.details(),
                        event.requestId(),
                        outcome)))
                .mapEmpty();
    }

    /** Completes when what has ended is written. */
    public Future<Void> flush() {
        return outcomes.flush();
    }

    private Future<?> write(List<AuditEvent> batch) {
        return database.call("select record_intents($1, $2)", Tuple.of(replica.id(), json(batch, AuditEvent::toJson)))
                .onSuccess(written -> {
                    if (failing.compareAndSet(true, false)) {
                        log.info("Intents are recorded again");
                    }
                })
                .onFailure(failure -> {
                    if (failing.compareAndSet(false, true)) {
                        log.warn("Intents cannot be recorded, so that nothing new may begin", failure);
                    }
                });
    }

    private void neverBegun(AuditEvent event) {
        String type = event.type().substring(0, event.type().lastIndexOf('.')) + ".refused";
        end(new AuditOutcome(event.id(), type, "refused", new JsonObject()));
    }

    private static <T> JsonArray json(List<T> batch, Function<T, JsonObject> toJson) {
        JsonArray array = new JsonArray();
        batch.forEach(item -> array.add(toJson.apply(item)));
        return array;
    }
}
