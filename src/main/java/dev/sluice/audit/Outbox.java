package dev.sluice.audit;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is to be written, in its order, for which nobody waits: batch after batch, each again until it is written. A few batches are
 * written at once, and what comes in quick succession after them goes together: a commit costs the database as much for one as
 * for fifty. While the database is away it is kept, up to a bound; beyond it, and when the database will never take it, it is
 * counted and told as lost. Any thread.
 */
public final class Outbox<T> {
    private static final Logger log = LoggerFactory.getLogger(Outbox.class);

    private static final int LARGEST_BATCH = 512;
    private static final Duration RETRY = Duration.ofMillis(500);

    /** So many batches begin in a spell without waiting for each other. */
    private static final int AT_ONCE = 4;

    private static final Duration SPELL = Duration.ofMillis(50);

    /** Classes of SQLSTATE that say nothing against the statement itself: connection, rollback, resources, operator, system. */
    private static final Set<String> PASSING = Set.of("08", "25", "40", "53", "55", "57", "58", "XX");

    private final Vertx vertx;
    private final String name;
    private final int bound;
    private final Duration spell;
    private final Write<T> write;
    private final LongConsumer lost;
    private final Deque<T> waiting = new ArrayDeque<>();
    private final List<Promise<Void>> flushed = new ArrayList<>();
    private List<T> underWay = List.of();
    private long number;
    /** Or about to. */
    private boolean writing;
    /** Until the spell is over, with the timer that ends it. */
    private boolean gathering;

    private long timer;
    private long spellSince = System.nanoTime();
    private int begunInSpell;
    private boolean failing;
    private boolean full;

    /** Writes a batch. */
    @FunctionalInterface
    public interface Write<T> {
        /**
         * Writes it as a whole or not at all.
         *
         * @param number greater for each batch, and the same when one that may have been written comes again
         */
        Future<?> batch(long number, List<T> items);
    }

    /**
     * @param name as the log calls what is in it
     * @param bound of what is kept
     * @param lost is told how many were given up
     */
    public Outbox(Vertx vertx, String name, int bound, Write<T> write, LongConsumer lost) {
        this(vertx, name, bound, SPELL, write, lost);
    }

    Outbox(Vertx vertx, String name, int bound, Duration spell, Write<T> write, LongConsumer lost) {
        this.vertx = vertx;
        this.name = name;
        this.bound = bound;
        this.spell = spell;
        this.write = write;
        this.lost = lost;
    }

    public void add(T item) {
        boolean idle;
        synchronized (this) {
            if (waiting.size() >= bound) {
                if (!full) {
                    log.error("{} are lost from now on: {} wait for the database already", name, bound);
                    full = true;
                }
                lost.accept(1);
                return;
            }
            waiting.addLast(item);
            idle = !writing;
            writing = true;
        }
        if (idle) {
            writeInTime();
        }
    }

    /** What is not written yet. */
    public synchronized int size() {
        return waiting.size() + underWay.size();
    }

    /** Completes when all that was added before is written or lost; gathers no longer. */
    public Future<Void> flush() {
        Promise<Void> empty = Promise.promise();
        synchronized (this) {
            if (!writing) {
                return Future.succeededFuture();
            }
            flushed.add(empty);
        }
        gathered();
        return empty.future();
    }

    private void writeInTime() {
        synchronized (this) {
            long now = System.nanoTime();
            if (now - spellSince >= spell.toNanos()) {
                spellSince = now;
                begunInSpell = 0;
            }
            if (flushed.isEmpty() && ++begunInSpell > AT_ONCE) {
                gathering = true;
                long rest = TimeUnit.NANOSECONDS.toMillis(spellSince + spell.toNanos() - now) + 1;
                timer = vertx.setTimer(rest, over -> gathered());
                return;
            }
        }
        writeNext();
    }

    private void gathered() {
        synchronized (this) {
            if (!gathering) {
                return;
            }
            gathering = false;
            vertx.cancelTimer(timer);
        }
        writeNext();
    }

    private void writeNext() {
        List<T> batch = new ArrayList<>();
        synchronized (this) {
            while (batch.size() < LARGEST_BATCH && !waiting.isEmpty()) {
                batch.add(waiting.removeFirst());
            }
            underWay = batch;
            number++;
        }
        write(batch);
    }

    private void write(List<T> batch) {
        write.batch(number, batch).onComplete(done -> {
            if (done.succeeded()) {
                written();
            } else if (done.cause() instanceof PgException refused && !passes(refused)) {
                log.error("{} {} are lost: the database refuses them", batch.size(), name, refused);
                lost.accept(batch.size());
                next();
            } else {
                if (!failing) {
                    log.warn("{} cannot be written and are kept until they can", name, done.cause());
                    failing = true;
                }
                vertx.setTimer(RETRY.toMillis(), again -> write(batch));
            }
        });
    }

    private static boolean passes(PgException refused) {
        String state = refused.getSqlState();
        return state == null || state.length() < 2 || PASSING.contains(state.substring(0, 2));
    }

    private void written() {
        if (failing) {
            log.info("{} are written again; {} wait", name, size());
            failing = false;
        }
        next();
    }

    private void next() {
        List<Promise<Void>> done = List.of();
        boolean more;
        synchronized (this) {
            underWay = List.of();
            more = !waiting.isEmpty();
            writing = more;
            full = full && more;
            if (!more) {
                done = List.copyOf(flushed);
                flushed.clear();
            }
        }
        if (more) {
            writeInTime();
        }
        done.forEach(Promise::complete);
    }
}
