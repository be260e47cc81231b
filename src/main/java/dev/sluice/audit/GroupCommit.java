package dev.sluice.audit;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Writes what many ask for in one go: while one write is under way the next gathers, so that each waits for two round trips at
 * most and the database sees one statement at a time. Any thread; futures complete on the context that asked.
 */
final class GroupCommit<T> {
    static final int LARGEST_BATCH = 512;

    /** Beyond these the database is hopelessly late, and refusing is quicker. */
    static final int MOST_WAITING = 8_192;

    private final Function<List<T>, Future<?>> write;
    private final Duration patience;
    private final Consumer<T> late;
    private final Deque<Entry<T>> waiting = new ArrayDeque<>();
    private boolean underWay;

    /**
     * @param write fails when nothing of it was written, or may have been
     * @param patience after which a write counts as failed
     * @param late is told of each that was written after its asker had been told that it failed
     */
    GroupCommit(Function<List<T>, Future<?>> write, Duration patience, Consumer<T> late) {
        this.write = write;
        this.patience = patience;
        this.late = late;
    }

    private record Entry<T>(T item, Promise<Void> written) {}

    /** Completes when it is written; fails when that is not certain, within the patience. */
    Future<Void> add(T item) {
        Promise<Void> written = promise();
        synchronized (this) {
            if (waiting.size() >= MOST_WAITING) {
                return Future.failedFuture(new TimeoutException("Too much waits to be recorded"));
            }
            waiting.addLast(new Entry<>(item, written));
            if (underWay) {
                return written.future();
            }
            underWay = true;
        }
        writeNext();
        return written.future();
    }

    private static Promise<Void> promise() {
        return Vertx.currentContext() instanceof ContextInternal context ? context.promise() : Promise.promise();
    }

    private void writeNext() {
        List<Entry<T>> batch = take(LARGEST_BATCH);
        Future<?> writing = write.apply(batch.stream().map(Entry::item).toList());
        writing.timeout(patience.toMillis(), TimeUnit.MILLISECONDS).onComplete(done -> {
            // Those behind a write that takes too long have waited as long, and the database is no quicker for them.
            List<Entry<T>> behind = done.cause() instanceof TimeoutException ? take(MOST_WAITING) : List.of();
            boolean more;
            synchronized (this) {
                more = !waiting.isEmpty();
                underWay = more;
            }
            if (done.succeeded()) {
                batch.forEach(entry -> entry.written().complete());
            } else {
                writing.onSuccess(tooLate -> batch.forEach(entry -> late.accept(entry.item())));
                batch.forEach(entry -> entry.written().fail(done.cause()));
                behind.forEach(entry -> entry.written().fail(done.cause()));
            }
            if (more) {
                writeNext();
            }
        });
    }

    private synchronized List<Entry<T>> take(int most) {
        List<Entry<T>> batch = new ArrayList<>(Math.min(most, waiting.size()));
        while (batch.size() < most && !waiting.isEmpty()) {
            batch.add(waiting.removeFirst());
        }
        return batch;
    }
}
