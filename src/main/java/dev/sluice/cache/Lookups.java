package dev.sluice.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What many ask of the database at once: asked once for all who want the same, and kept for a moment that begins when it is
 * asked. So what changes on another replica shows here after that moment, and what changes here, and is forgotten, at once.
 * Failures are not kept. Any thread; each caller is answered on its own context.
 */
public final class Lookups<K, V> {
    private final Cache<K, Asked<V>> asked;
    private final Doorkeeper<K> doorkeeper = new Doorkeeper<>();
    private final Ticker ticker;
    private final long kept;
    private final Predicate<V> worthKeeping;

    /**
     * @param kept from the question on
     * @param most answers that are kept
     * @param worthKeeping others only serve those who ask while they are under way
     */
    public Lookups(Duration kept, int most, Predicate<V> worthKeeping, Ticker ticker) {
        this.asked = Caffeine.newBuilder()
                .maximumSize(most)
                .expireAfterWrite(kept)
                .ticker(ticker)
                .executor(Runnable::run)
                .build();
        this.ticker = ticker;
        this.kept = kept.toNanos();
        this.worthKeeping = worthKeeping;
    }

    /** Each is only itself. */
    private static final class Asked<V> {
        private final long at;
        private final Promise<V> answer = Promise.promise();

        Asked(long at) {
            this.at = at;
        }

        boolean isKept(long now, long kept) {
            return now - at < kept && answer.future().isComplete();
        }
    }

    /**
     * The answer to a question.
     *
     * @param question is asked unless somebody has just asked it
     */
    public Future<V> find(K key, Supplier<Future<V>> question) {
        long at = ticker.read();
        @Nullable Asked<V> known = asked.getIfPresent(key);
        return known != null && known.isKept(at, kept) ? known.answer.future() : ask(key, question, at);
    }

    /** As the other, where most is asked once: shared and kept is only what was asked before, lately. */
    public Future<V> findRecurring(K key, Supplier<Future<V>> question) {
        long at = ticker.read();
        @Nullable Asked<V> known = asked.getIfPresent(key);
        if (known != null && known.isKept(at, kept)) {
            return known.answer.future();
        }
        return known != null || doorkeeper.recurs(key) ? ask(key, question, at) : question.get();
    }

    private Future<V> ask(K key, Supplier<Future<V>> question, long at) {
        Asked<V> own = new Asked<>(at);
        Asked<V> current = asked.asMap().merge(key, own, (before, now) -> now.at - before.at < kept ? before : now);
        if (current == own) {
            question.get().onComplete(answered -> {
                if (answered.failed() || !worthKeeping.test(answered.result())) {
                    asked.asMap().remove(key, own);
                }
                own.answer.handle(answered);
            });
        }
        return onCallersContext(current.answer.future());
    }

    /** Whoever asks from now on is told what holds now, whatever answer is still under way. */
    public void forget(Predicate<K> concerned) {
        asked.asMap().keySet().removeIf(concerned);
    }

    /** As the other, of one question. */
    public void forget(K key) {
        asked.asMap().remove(key);
    }

    /** As the other, of all questions. */
    public void forgetAll() {
        asked.asMap().clear();
    }

    private static <V> Future<V> onCallersContext(Future<V> shared) {
        @Nullable Context caller = Vertx.currentContext();
        if (caller == null || shared.isComplete()) {
            return shared;
        }
        Promise<V> own = Promise.promise();
        shared.onComplete(done -> {
            if (caller == Vertx.currentContext()) {
                own.handle(done);
            } else {
                caller.runOnContext(turn -> own.handle(done));
            }
        });
        return own.future();
    }
}
