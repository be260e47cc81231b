package dev.sluice.storage;

import io.vertx.core.Context;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ExecutionException;

/** Waits on a worker thread for what does not block. */
public final class Blocking {
    private Blocking() {}

    /** The result. Worker thread, or one that is not Vert.x's. */
    public static <T> T await(Future<T> future) throws IOException {
        if (Context.isOnEventLoopThread()) {
            throw new IllegalStateException("this would block an event loop");
        }
        try {
            return future.toCompletionStage().toCompletableFuture().get();
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            if (cause instanceof IOException told) {
                throw told;
            }
            throw new IOException(cause);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for the store");
        }
    }
}
