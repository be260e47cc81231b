package dev.sluice.delivery;

import dev.sluice.metrics.Meters;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.WorkerExecutor;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches all transfers from an event loop of its own: refuses who waited too long, ends what is stalled, measures how late
 * loops and pools are, and drains. What a request itself needs, a permit and a place among the transfers, it takes where it is.
 */
public final class TransferSupervisor extends VerticleBase {
    private static final Logger log = LoggerFactory.getLogger(TransferSupervisor.class);

    private static final Duration QUEUE_TICK = Duration.ofMillis(100);
    private static final Duration LONGEST_WATCH_TICK = Duration.ofSeconds(1);
    private static final Duration DRAIN_TICK = Duration.ofMillis(50);

    /** What resets after the drain timeout may take before the connections are closed anyway. */
    private static final Duration RESETS_TAKE = Duration.ofSeconds(5);

    private final Transfers transfers;
    private final Supervision supervision;
    private final TransferLimits limits;
    private final Meters meters;
    private final Map<String, WorkerExecutor> pools;
    private final Set<String> asked = new HashSet<>();

    /** @param pools whose lag is measured, by name */
    public TransferSupervisor(Supervision supervision, Map<String, WorkerExecutor> pools) {
        this.transfers = supervision.transfers();
        this.supervision = supervision;
        this.limits = supervision.limits();
        this.meters = supervision.meters();
        this.pools = pools;
    }

    @Override
    public Future<?> start() {
        vertx.setPeriodic(
                QUEUE_TICK.toMillis(), tick -> supervision.admissions().forEach(each -> each.expire(QUEUE_TICK)));
        vertx.setPeriodic(watchTick().toMillis(), tick -> {
            transfers.check(limits.stallTimeout(), meters::eventLoopLag);
            pools.forEach(this::measure);
        });
        return Future.succeededFuture();
    }

    /** Often enough that a stall is seen a quarter late at most. */
    private Duration watchTick() {
        Duration quarter = limits.stallTimeout().dividedBy(4);
        return quarter.compareTo(LONGEST_WATCH_TICK) < 0 ? quarter : LONGEST_WATCH_TICK;
    }

    /** One probe of a pool at a time: they must not pile up in a pool that is late. */
    private void measure(String name, WorkerExecutor pool) {
        if (asked.add(name)) {
            long from = System.nanoTime();
            pool.executeBlocking(System::nanoTime, false).onComplete(reached -> {
                asked.remove(name);
                if (reached.succeeded()) {
                    meters.poolLag(name, Duration.ofNanos(reached.result() - from));
                }
            });
        }
    }

    /**
     * Lets nothing new start, waits for what runs, and resets what is left when the time is over. Any thread.
     *
     * @return completes when nothing runs any more, or nothing more can be done about it; never fails
     */
    public Future<Void> drain(Duration timeout) {
        Promise<Void> drained = Promise.promise();
        transfers.drain();
        supervision.admissions().forEach(Admission::close);
        context.runOnContext(turn -> {
            log.info("Draining: {} transfers under way, {} at most", transfers.active(), timeout);
            awaitIdle(
                    System.nanoTime() + timeout.toNanos(),
                    () -> {
                        log.warn("Resetting {} transfers that outlive the drain timeout", transfers.active());
                        transfers.endAll(Ending.DRAINED);
                        awaitIdle(System.nanoTime() + RESETS_TAKE.toNanos(), drained::complete, drained::complete);
                    },
                    drained::complete);
        });
        return drained.future();
    }

    private void awaitIdle(long deadline, Runnable late, Runnable idle) {
        if (supervision.isIdle()) {
            idle.run();
        } else if (System.nanoTime() - deadline >= 0) {
            late.run();
        } else {
            vertx.setTimer(DRAIN_TICK.toMillis(), tick -> awaitIdle(deadline, late, idle));
        }
    }
}
