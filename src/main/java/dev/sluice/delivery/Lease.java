package dev.sluice.delivery;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.WorkerExecutor;

/**
 * One open entry of a transfer and the pieces that still need its descriptor. It is re-checked and closed when the last
 * of them has left. Event loop.
 */
final class Lease {
    private final int entry;
    private final OpenEntry open;
    private final WorkerExecutor worker;
    private final Promise<Void> retired = Promise.promise();
    private int inFlight;
    private boolean leaving;
    private volatile boolean abandoned;

    Lease(int entry, OpenEntry open, WorkerExecutor worker) {
        this.entry = entry;
        this.open = open;
        this.worker = worker;
    }

    int entry() {
        return entry;
    }

    OpenEntry open() {
        return open;
    }

    /** Whether the transfer has failed, so that nothing read now is of use. Any thread. */
    boolean abandoned() {
        return abandoned;
    }

    void use() {
        inFlight++;
    }

    /** A piece that used the descriptor has been written, or never will be. */
    void release() {
        inFlight--;
        closeWhenUnused();
    }

    /** No further piece will be taken: re-checks and closes when those under way have left. */
    Future<Void> retire() {
        leaving = true;
        closeWhenUnused();
        return retired.future();
    }

    /** Like {@link #retire}, but the transfer has failed and nobody asks whether the content changed. */
    Future<Void> abandon() {
        abandoned = true;
        return retire();
    }

    private void closeWhenUnused() {
        if (!leaving || inFlight > 0 || retired.future().isComplete()) {
            return;
        }
        inFlight = Integer.MAX_VALUE;
        worker.<Void>executeBlocking(
                        () -> {
                            try (open) {
                                if (!abandoned) {
                                    open.recheck();
                                }
                            }
                            return null;
                        },
                        false)
                .onComplete(retired);
    }
}
