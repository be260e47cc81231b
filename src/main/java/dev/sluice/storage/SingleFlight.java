package dev.sluice.storage;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Work that is done once for all who ask for it while it is under way. Any thread; each caller is answered on its own context. */
final class SingleFlight<K, V> {
    private final Map<K, Future<V>> underWay = new ConcurrentHashMap<>();

    /** @param begin starts the work unless it is under way */
    Future<V> join(K key, Supplier<Future<V>> begin) {
        Promise<V> begun = Promise.promise();
        Future<V> running = underWay.putIfAbsent(key, begun.future());
        if (running == null) {
            running = begun.future();
            begin.get().onComplete(done -> {
                underWay.remove(key);
                begun.handle(done);
            });
        }
        return onCallersContext(running);
    }

    private static <V> Future<V> onCallersContext(Future<V> shared) {
        @Nullable Context caller = Vertx.currentContext();
        if (caller == null) {
            return shared;
        }
        Promise<V> own = Promise.promise();
        shared.onComplete(done -> caller.runOnContext(turn -> own.handle(done)));
        return own.future();
    }
}
