package dev.sluice.delivery;

import dev.sluice.audit.Replica;
import dev.sluice.database.Database;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets an owner's limits count what it holds at other replicas: tells them regularly what is held here, and learns what is held there, by one
 * statement. Nobody who asks for a permit waits for that. So limits hold approximately: until the others have heard, which takes two
 * periods, an owner who asks several replicas at once may be given as much by each.
 *
 * <p>What was heard of a replica counts for the lease, so that one that was killed is soon forgotten. A process that cannot reach the
 * database counts for itself alone after the lease, and nobody is refused for that. An event loop of its own.
 */
public final class PermitExchange extends VerticleBase {
    private static final Logger log = LoggerFactory.getLogger(PermitExchange.class);

    /** What is told of each class, of those who hold most: who holds less is far from its limit, or everybody is near to it. */
    private static final int OWNERS_TOLD = 1_000;

    /**
     * How often, and how long what was heard counts.
     *
     * @param lease whole seconds
     */
    record Pace(Duration period, Duration lease) {
        static final Pace USUAL = new Pace(Duration.ofSeconds(2), Duration.ofSeconds(6));
    }

    private final Database database;
    private final Replica replica;
    private final Supervision supervision;
    private final Pace pace;

    private Future<?> exchange = Future.succeededFuture();
    private long heard = System.nanoTime();
    private boolean alone;

    public PermitExchange(Database database, Replica replica, Supervision supervision) {
        this(database, replica, supervision, Pace.USUAL);
    }

    PermitExchange(Database database, Replica replica, Supervision supervision, Pace pace) {
        this.database = database;
        this.replica = replica;
        this.supervision = supervision;
        this.pace = pace;
    }

    /** Completes when the others have been heard for the first time, or cannot be. */
    @Override
    public Future<?> start() {
        vertx.setPeriodic(pace.period().toMillis(), tick -> {
            if (exchange.isComplete()) {
                exchange = exchange();
            }
            forgetWhatIsOld();
        });
        exchange = exchange();
        return exchange.otherwiseEmpty();
    }

    @Override
    public Future<?> stop() {
        return exchange.compose(told -> database.call("select withdraw_permits($1)", Tuple.of(replica.id())))
                .otherwiseEmpty();
    }

    private Future<Void> exchange() {
        return database.call(
                        "select * from exchange_permits($1, $2, $3)",
                        Tuple.of(replica.id(), pace.lease().toSeconds(), held()))
                .<Void>map(rows -> {
                    hear(rows);
                    return null;
                })
                .onFailure(missed -> log.debug("Permits were not exchanged", missed));
    }

    private JsonObject held() {
        JsonObject held = new JsonObject();
        for (CostClass cost : CostClass.values()) {
            JsonObject owners = new JsonObject();
            supervision.admission(cost).held().entrySet().stream()
                    .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                    .limit(OWNERS_TOLD)
                    .forEach(owner -> owners.put(owner.getKey(), owner.getValue()));
            held.put(cost.label(), owners);
        }
        return held;
    }

    private void hear(RowSet<Row> rows) {
        Map<String, Map<String, Long>> others = new HashMap<>();
        for (Row row : rows) {
            others.computeIfAbsent(row.getString("class"), first -> new HashMap<>())
                    .put(row.getString("owner"), row.getLong("permits"));
        }
        for (CostClass cost : CostClass.values()) {
            supervision.admission(cost).heldElsewhere(others.getOrDefault(cost.label(), Map.of()));
        }
        heard = System.nanoTime();
        if (alone) {
            alone = false;
            log.info("Limits per owner count all replicas again");
        }
    }

    private void forgetWhatIsOld() {
        if (!alone && System.nanoTime() - heard > pace.lease().toNanos()) {
            alone = true;
            log.warn("Limits per owner count this process alone, until the database answers");
            supervision.admissions().forEach(admission -> admission.heldElsewhere(Map.of()));
        }
    }
}
