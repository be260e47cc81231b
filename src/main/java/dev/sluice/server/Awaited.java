package dev.sluice.server;

import io.vertx.core.Future;
import java.util.concurrent.ExecutionException;

/** Waits for a future on a thread of a command; never on an event loop. */
final class Awaited {
    private Awaited() {}

    static <T> T of(Future<T> future) throws Exception {
        try {
            return future.toCompletionStage().toCompletableFuture().get();
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof Exception cause ? cause : failed;
        }
    }
}
