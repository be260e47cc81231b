package dev.sluice.database;

import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Questions of many, asked together: the first when its event loop's turn ends, with all that come in it, and those that come while it
 * is under way as one when it is answered. So nobody waits longer for being one of many, and a busy database is asked a few times for
 * all. As a group commit, for reads. Any thread; each caller is answered on its own context.
 */
public final class Batches<K, V> {
    /** Beyond these it is refused at once: they would only time out together. */
    private static final int MOST_WAITING = 16_384;

    private final int most;
    private final Function<List<K>, Future<Map<K, V>>> question;

    private final ArrayDeque<Asked<K, V>> waiting = new ArrayDeque<>();
    private int free;

    /**
     * @param underWay batches at once
     * @param most questions of a batch
     * @param question asks for all of a batch; what is not in its answer is missing
     */
    public Batches(int underWay, int most, Function<List<K>, Future<Map<K, V>>> question) {
        this.free = underWay;
        this.most = most;
        this.question = question;
    }

    private record Asked<K, V>(
            K key, Promise<Optional<V>> answer, @Nullable Context caller) {
        void on(Runnable turn) {
            if (caller == null || caller == Vertx.currentContext()) {
                turn.run();
            } else {
                caller.runOnContext(own -> turn.run());
            }
        }

        /** Behind those who were about to ask when it did: of what is readable, an event loop reads all before its tasks. */
        void atTheEndOfItsTurn(Runnable work) {
            if (caller == null) {
                work.run();
            } else {
                caller.runOnContext(end -> work.run());
            }
        }

        void settle(AsyncResult<Map<K, V>> answers) {
            on(() -> answer.handle(
                    answers.succeeded()
                            ? Future.succeededFuture(
                                    Optional.ofNullable(answers.result().get(key)))
                            : Future.failedFuture(answers.cause())));
        }
    }

    /** Empty when it is missing; fails as the question does. */
    public Future<Optional<V>> ask(K key) {
        Asked<K, V> own = new Asked<>(key, Promise.promise(), Vertx.currentContext());
        boolean mayGo;
        synchronized (this) {
            if (waiting.size() >= MOST_WAITING) {
                return Future.failedFuture(DatabaseUnavailable.orCause(new TimeoutException("too many wait")));
            }
            waiting.add(own);
            mayGo = free > 0;
        }
        if (mayGo) {
            own.atTheEndOfItsTurn(this::begin);
        }
        return own.answer().future();
    }

    /** With all who wait; somebody else may have been sooner. */
    private void begin() {
        List<Asked<K, V>> batch;
        synchronized (this) {
            batch = next();
        }
        go(batch);
    }

    /** Nothing while as many as may be are under way: then these go on. Holds the lock. */
    private List<Asked<K, V>> next() {
        if (free == 0 || waiting.isEmpty()) {
            return List.of();
        }
        free--;
        List<Asked<K, V>> batch = new ArrayList<>(Math.min(most, waiting.size()));
        while (batch.size() < most && !waiting.isEmpty()) {
            batch.add(waiting.remove());
        }
        return batch;
    }

    private void go(List<Asked<K, V>> batch) {
        if (!batch.isEmpty()) {
            together(batch.stream().map(Asked::key).toList()).onComplete(answers -> answered(batch, answers));
        }
    }

    private Future<Map<K, V>> together(List<K> keys) {
        return Future.succeededFuture(keys).compose(question);
    }

    private void answered(List<Asked<K, V>> batch, AsyncResult<Map<K, V>> answers) {
        List<Asked<K, V>> next;
        List<Asked<K, V>> lost = List.of();
        synchronized (this) {
            boolean allUnderWay = free == 0;
            free++;
            if (allUnderWay && answers.cause() instanceof DatabaseUnavailable) {
                // They have waited as long for the same database, or nearly; others are about to ask it themselves.
                lost = List.copyOf(waiting);
                waiting.clear();
            }
            next = next();
        }
        if (!next.isEmpty()) {
            // On its own event loop, so that the work of reading the answers is shared by all.
            next.get(0).on(() -> go(next));
        }
        if (answers.failed() && !(answers.cause() instanceof DatabaseUnavailable) && batch.size() > 1) {
            // One of them may be to blame for it.
            batch.forEach(asked -> together(List.of(asked.key())).onComplete(asked::settle));
        } else {
            batch.forEach(asked -> asked.settle(answers));
        }
        lost.forEach(asked -> asked.settle(answers));
    }
}
