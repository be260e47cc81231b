package dev.sluice.delivery;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.jspecify.annotations.Nullable;

/**
 * A request that waits to be admitted.
 *
 * @param shared what it would share a permit with; null counts singly
 * @param steadfast whether it is never refused
 * @param since by {@link System#nanoTime}
 * @param context where it hears of the outcome; null for wherever that is found
 */
record Waiting(
        Admission.@Nullable Shared shared,
        boolean steadfast,
        long since,
        Promise<Permit> promise,
        @Nullable Context context) {

    /** A decision that is made under a lock and told outside of it. */
    record Settled(Waiting waiting, Future<Permit> outcome) {
        void tell() {
            Context context = waiting.context();
            if (context == null) {
                outcome.onComplete(waiting.promise());
            } else {
                context.runOnContext(turn -> outcome.onComplete(waiting.promise()));
            }
        }
    }
}
