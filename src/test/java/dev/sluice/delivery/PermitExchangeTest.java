package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.audit.Replica;
import dev.sluice.database.Actor;
import dev.sluice.database.TestDatabase;
import dev.sluice.metrics.Meters;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlResult;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Replicas on one database, each with a limit of three downloads an owner. */
class PermitExchangeTest {
    private static final TransferLimits.Limit PLENTY = new TransferLimits.Limit(100, 100);
    private static final TransferLimits.Limit THREE = new TransferLimits.Limit(100, 3);
    private static final Duration OFTEN = Duration.ofMillis(50);

    /** What is forgotten sooner than this is not forgotten because it was old. */
    private static final Duration LONG = Duration.ofMinutes(10);

    private final List<Running> running = new ArrayList<>();
    private TestDatabase test;

    @BeforeEach
    void open() {
        test = TestDatabase.fresh();
    }

    @AfterEach
    void close() {
        running.forEach(Running::end);
        test.close();
    }

    private Running start(Duration lease) {
        Running replica = new Running(test, lease);
        running.add(replica);
        return replica;
    }

    private static final class Running {
        final Vertx vertx = Vertx.vertx();
        final AtomicLong now = new AtomicLong();
        final Meters meters = new Meters();
        final Supervision supervision =
                new Supervision(new TransferLimits(THREE, THREE, PLENTY, Duration.ofMinutes(1)), meters, now::get);
        boolean ended;

        Running(TestDatabase test, Duration lease) {
            Replica replica = TestDatabase.await(Replica.join(vertx, test.database()));
            TestDatabase.await(vertx.deployVerticle(
                    new PermitExchange(test.database(), replica, supervision, new PermitExchange.Pace(OFTEN, lease))));
        }

        Admission downloads() {
            return supervision.admission(CostClass.STREAM);
        }

        Permit hold(String owner) {
            return TestDatabase.await(downloads().admit(owner, null));
        }

        /** Whether one more is admitted; gives it back, or waits in vain. */
        boolean admits(String owner) {
            Future<Permit> asked = downloads().admit(owner, null);
            now.addAndGet(Admission.PATIENCE.toNanos());
            downloads().expire(Duration.ZERO);
            asked.onSuccess(Permit::release);
            return asked.succeeded();
        }

        void end() {
            if (!ended) {
                ended = true;
                TestDatabase.await(vertx.close());
                meters.close();
            }
        }
    }

    private static void await(String what, BooleanSupplier holds) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            LockSupport.parkNanos(5_000_000);
        }
    }

    @Test
    void anOwnerAtItsLimitOnOneIsRefusedByTheOtherUntilItGivesBack() {
        Running one = start(LONG);
        Running other = start(LONG);
        List<Permit> held = List.of(one.hold("alice"), one.hold("alice"), one.hold("alice"));
        await("the other hears of it", () -> !other.admits("alice"));
        assertThat(other.admits("bob")).isTrue();
        assertThat(other.supervision
                        .admission(CostClass.READ)
                        .admit("alice", null)
                        .succeeded())
                .as("each class by itself")
                .isTrue();
        held.get(0).release();
        await("there is room for one", () -> other.admits("alice"));
        Permit last = other.hold("alice");
        await("the first hears of that", () -> !one.admits("alice"));
        held.forEach(Permit::release);
        last.release();
        await("all is given back", () -> one.admits("alice") && other.admits("alice"));
    }

    @Test
    void whoComesLaterKnowsFromTheStart() {
        insert(UUID.randomUUID(), "alice", 2);
        insert(UUID.randomUUID(), "alice", 1);
        Running replica = start(LONG);
        assertThat(replica.admits("alice")).isFalse();
        assertThat(replica.admits("bob")).isTrue();
    }

    @Test
    void aReplicaThatEndsTakesItsPermitsWithIt() {
        Running one = start(LONG);
        Running other = start(LONG);
        List.of(1, 2, 3).forEach(permit -> one.hold("alice"));
        await("the other hears of it", () -> !other.admits("alice"));
        one.end();
        await("the other hears of the end", () -> other.admits("alice"));
    }

    @Test
    void whatAReplicaLeftBehindCountsForItsLeaseOnly() {
        UUID killed = UUID.randomUUID();
        insert(killed, "alice", 3);
        Running replica = start(Duration.ofMinutes(10));
        assertThat(replica.admits("alice")).isFalse();
        age(killed, Duration.ofMinutes(11));
        await("the lease is over", () -> replica.admits("alice"));
        assertThat(rows(killed)).isEqualTo(1);
        age(killed, Duration.ofHours(1));
        await("nothing is left of it", () -> rows(killed) == 0);
    }

    @Test
    void withoutTheDatabaseEachCountsForItself() {
        Running one = start(Duration.ofSeconds(1));
        Running other = start(Duration.ofSeconds(1));
        List.of(1, 2, 3).forEach(permit -> one.hold("alice"));
        await("the other hears of it", () -> !other.admits("alice"));
        test.allowConnections(false);
        try {
            await("it is forgotten", () -> other.admits("alice"));
            assertThat(one.admits("alice")).as("its own count").isFalse();
        } finally {
            test.allowConnections(true);
        }
        await("the other hears of it again", () -> !other.admits("alice"));
    }

    @Test
    void onlyTheBackgroundSeesWhoHoldsWhat() {
        insert(UUID.randomUUID(), "alice", 3);
        for (Actor actor : List.of(new Actor.Owner("alice"), new Actor.Ingest(), new Actor.Admin())) {
            assertThat(rows(actor, "select from replica_permits", Tuple.tuple()))
                    .as(actor.setting())
                    .isZero();
        }
    }

    private void insert(UUID replica, String owner, int permits) {
        background(
                "insert into replica_permits (replica, held) values ($1, $2)",
                Tuple.of(replica, new JsonObject().put("stream", new JsonObject().put(owner, permits))));
    }

    /** As time does. */
    private void age(UUID replica, Duration by) {
        background(
                "update replica_permits set seen_at = seen_at - make_interval(secs => $2) where replica = $1",
                Tuple.of(replica, (double) by.toSeconds()));
    }

    private int rows(UUID replica) {
        return background("select from replica_permits where replica = $1", Tuple.of(replica));
    }

    private int background(String sql, Tuple arguments) {
        return rows(new Actor.Background(), sql, arguments);
    }

    private int rows(Actor actor, String sql, Tuple arguments) {
        return TestDatabase.await(test.database()
                .as(
                        actor,
                        connection ->
                                connection.preparedQuery(sql).execute(arguments).map(SqlResult::rowCount)));
    }
}
