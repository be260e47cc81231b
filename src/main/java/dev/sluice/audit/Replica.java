package dev.sluice.audit;

import dev.sluice.database.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process among those that share the database. Its heartbeat, by the database's clock, tells what it is still at from what
 * it left behind. Any thread.
 */
public final class Replica {
    private static final Logger log = LoggerFactory.getLogger(Replica.class);

    private static final Duration HEARTBEAT = Duration.ofSeconds(10);

    private final UUID id = randomId();
    private final Vertx vertx;
    private final Database database;
    private final long heartbeat;

    private Replica(Vertx vertx, Database database) {
        this.vertx = vertx;
        this.database = database;
        this.heartbeat = vertx.setPeriodic(
                HEARTBEAT.toMillis(), due -> beat().onFailure(missed -> log.debug("A heartbeat was missed", missed)));
    }

    /** Completes with the first heartbeat. */
    public static Future<Replica> join(Vertx vertx, Database database) {
        Replica replica = new Replica(vertx, database);
        return database.atStart(vertx, replica::beat).map(replica);
    }

    public UUID id() {
        return id;
    }

    /** What this process has not told by now, nobody will. */
    public Future<Void> leave() {
        vertx.cancelTimer(heartbeat);
        return database.call("select farewell($1)", Tuple.of(id)).mapEmpty();
    }

    private Future<Void> beat() {
        return database.call("select heartbeat($1)", Tuple.of(id)).mapEmpty();
    }

    /** Ids need to be different, not hard to guess: this generator takes no lock on an event loop. */
    static UUID randomId() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return new UUID(random.nextLong(), random.nextLong());
    }
}
