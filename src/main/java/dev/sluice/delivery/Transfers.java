package dev.sluice.delivery;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * All transfers that are under way, by the event loop that each belongs to, so that looking at all of them takes one task for
 * each loop. Any thread.
 */
public final class Transfers {
    private final LongSupplier nanoTime;
    private final Map<ContextInternal, Set<Running>> loops = new ConcurrentHashMap<>();
    private final AtomicInteger active = new AtomicInteger();
    private volatile boolean draining;

    public Transfers(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** One transfer under way. */
    public final class Running {
        private final Transfer transfer;
        private final Set<Running> loop;
        private long progress;
        private long since;

        private Running(Transfer transfer, Set<Running> loop) {
            this.transfer = transfer;
            this.loop = loop;
            this.progress = transfer.progress();
            this.since = nanoTime.getAsLong();
        }

        /** It has ended, however. */
        public void ended() {
            if (loop.remove(this)) {
                active.decrementAndGet();
            }
        }

        private void check(long now, long patience) {
            long reached = transfer.progress();
            if (reached != progress) {
                progress = reached;
                since = now;
            } else if (now - since >= patience) {
                since = now;
                transfer.end(Ending.STALLED);
            }
        }
    }

    /** Begins to watch a transfer of the calling event loop. */
    public Running watch(Transfer transfer) {
        Running running = new Running(transfer, here());
        running.loop.add(running);
        active.incrementAndGet();
        return running;
    }

    /** Lets the calling event loop be looked at even before it has transfers. */
    public void watchLoop() {
        here();
    }

    private Set<Running> here() {
        // Each request has a context of its own, of which the verticle's is the root.
        ContextInternal own = ((ContextInternal) Vertx.currentContext()).unwrap();
        return loops.computeIfAbsent(own, first -> ConcurrentHashMap.newKeySet());
    }

    public int active() {
        return active.get();
    }

    /** Whether nothing new may start. */
    public boolean draining() {
        return draining;
    }

    void drain() {
        draining = true;
    }

    /** Ends what made no progress for so long. */
    void check(Duration patience, Consumer<Duration> lag) {
        long asked = nanoTime.getAsLong();
        onEachLoop(loop -> {
            long now = nanoTime.getAsLong();
            lag.accept(Duration.ofNanos(now - asked));
            loop.forEach(running -> running.check(now, patience.toNanos()));
        });
    }

    void endAll(Ending ending) {
        onEachLoop(loop -> loop.forEach(running -> running.transfer.end(ending)));
    }

    private void onEachLoop(Consumer<Set<Running>> task) {
        loops.forEach((context, loop) -> ((Context) context).runOnContext(turn -> task.accept(loop)));
    }
}
