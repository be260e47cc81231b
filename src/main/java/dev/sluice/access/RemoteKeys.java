package dev.sluice.access;

import com.github.benmanes.caffeine.cache.Ticker;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of a JWK set by URL: fetched at the start, every refresh period, and once for a key id that is not there, at
 * most one request at a time. While the host is down the keys it gave last stay, and it is asked again after a pause
 * that doubles from 1 s to 60 s.
 */
final class RemoteKeys implements KeySource {
    /** The shortest time between two fetches that unknown key ids cause. */
    static final Duration LOOKUP_INTERVAL = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(RemoteKeys.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final int MAX_DOUBLINGS = 6;
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

    private final Vertx vertx;
    private final URI url;
    private final Duration refresh;
    private final Clock clock;
    private final Ticker ticker;
    private final JwksClient client;

    private volatile @Nullable State state;

    private @Nullable Promise<KeySet> underWay;
    private boolean lookedUp;
    private long lastLookup;
    private int failures;
    private long timer = -1;
    private boolean closed;

    RemoteKeys(Vertx vertx, URI url, Duration refresh, Clock clock, Ticker ticker) {
        if (refresh.toMillis() < 1) {
            throw new IllegalArgumentException("the JWKS refresh period must be positive");
        }
        this.vertx = vertx;
        this.url = url;
        this.refresh = refresh;
        this.clock = clock;
        this.ticker = ticker;
        this.client = new JwksClient(vertx, url);
    }

    /** Asks for the keys the first time; the future succeeds when that has ended, well or badly, within 5 s. */
    Future<Void> start() {
        return fetch().<Void>mapEmpty().otherwiseEmpty();
    }

    @Override
    public KeySet current() {
        State known = state;
        if (known == null) {
            throw new KeysUnavailable();
        }
        return known.keys;
    }

    @Override
    public synchronized Future<KeySet> newest() {
        if (underWay != null) {
            return underWay.future();
        }
        long now = ticker.read();
        if (closed || (lookedUp && now - lastLookup < LOOKUP_INTERVAL.toNanos())) {
            return failures == 0 ? Future.succeededFuture(current()) : Future.failedFuture(new KeysUnavailable());
        }
        lookedUp = true;
        lastLookup = now;
        return fetch();
    }

    @Override
    public synchronized Future<Void> close() {
        closed = true;
        vertx.cancelTimer(timer);
        return client.close();
    }

    private synchronized Future<KeySet> fetch() {
        if (underWay != null) {
            return underWay.future();
        }
        Promise<KeySet> outcome = Promise.promise();
        underWay = outcome;
        client.fetch().map(JwkSet::parse).map(this::adopt).onComplete(fetched -> settle(fetched, outcome));
        return outcome.future();
    }

    /** Unchanged keys keep what they have verified. */
    private KeySet adopt(JwkSet set) {
        State known = state;
        if (known != null && known.set.equals(set)) {
            return known.keys;
        }
        List<VerificationKey> usable = set.usable(vertx);
        KeySet keys = new KeySet(usable, clock);
        state = new State(set, keys);
        LOG.info("{} keys for tokens from {}", usable.size(), url.getHost());
        return keys;
    }

    private void settle(AsyncResult<KeySet> fetched, Promise<KeySet> outcome) {
        boolean ended;
        synchronized (this) {
            underWay = null;
            ended = closed;
            failures = fetched.succeeded() ? 0 : failures + 1;
            if (!closed) {
                vertx.cancelTimer(timer);
                timer = vertx.setTimer(pause(), due -> fetch());
            }
        }
        if (fetched.succeeded()) {
            outcome.complete(fetched.result());
        } else {
            if (!ended) {
                LOG.warn("No JWK set from {}: {}", url.getHost(), String.valueOf(fetched.cause()));
            }
            outcome.fail(new KeysUnavailable());
        }
    }

    /** Milliseconds; a failure's pause varies by a quarter, so that replicas do not ask in step. */
    private long pause() {
        if (failures == 0) {
            return refresh.toMillis();
        }
        long doubled = FIRST_PAUSE.toMillis() << Math.min(failures - 1, MAX_DOUBLINGS);
        long longest = Math.min(LONGEST_PAUSE.toMillis(), Math.max(FIRST_PAUSE.toMillis(), refresh.toMillis()));
        return (long) (Math.min(doubled, longest) * ThreadLocalRandom.current().nextDouble(0.75, 1.0));
    }

    private record State(JwkSet set, KeySet keys) {}
}
