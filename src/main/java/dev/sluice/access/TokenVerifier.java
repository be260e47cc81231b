package dev.sluice.access;

import com.github.benmanes.caffeine.cache.Ticker;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/**
 * Turns a token into its subject: a signed JWT (RFC 7519, RFC 8725) whose key, algorithm and claims are as configured.
 * Cheap checks come first: nothing is computed with a key for a token whose header or claims already refuse it.
 */
public final class TokenVerifier {
    /** JWTAuth lets one thread at a time use a key, so more would only help while keys rotate. */
    private static final int SIGNATURE_THREADS = 2;

    private final Vertx vertx;
    private final WorkerExecutor signatures;
    private final KeySource keys;
    private final ClaimRules rules;
    private final Clock clock;

    private TokenVerifier(Vertx vertx, KeySource keys, ClaimRules rules, Clock clock) {
        this.vertx = vertx;
        this.signatures = vertx.createSharedWorkerExecutor("sluice-signatures", SIGNATURE_THREADS);
        this.keys = keys;
        this.rules = rules;
        this.clock = clock;
    }

    /**
     * Fails with {@link IllegalArgumentException} on a configuration that cannot verify safely: no key or several
     * sources, a short secret, an unusable key or URL. A JWKS host that is down does not fail it: after at most 5 s the
     * verifier is there, answers {@link KeysUnavailable} and goes on asking.
     */
    public static Future<TokenVerifier> create(Vertx vertx, AccessConfig config, Clock clock) {
        return create(vertx, config, clock, Ticker.systemTicker());
    }

    static Future<TokenVerifier> create(Vertx vertx, AccessConfig config, Clock clock, Ticker ticker) {
        ClaimRules rules = new ClaimRules(config.issuer(), config.audience());
        return Future.succeededFuture(config)
                .compose(checked -> source(vertx, checked, clock, ticker))
                .map(keys -> new TokenVerifier(vertx, keys, rules, clock));
    }

    private static Future<? extends KeySource> source(Vertx vertx, AccessConfig config, Clock clock, Ticker ticker) {
        long sources = List.of(config.jwtSecret(), config.jwtPublicKeyPem(), config.jwksUrl()).stream()
                .filter(Optional::isPresent)
                .count();
        if (sources != 1) {
            throw new IllegalArgumentException(
                    "exactly one of a token secret, a token public key and a JWKS URL is needed, not " + sources);
        }
        if (config.jwksUrl().isPresent()) {
            RemoteKeys remote = new RemoteKeys(vertx, config.jwksUrl().get(), config.jwksRefresh(), clock, ticker);
            return remote.start().map(remote);
        }
        VerificationKey key = config.jwtSecret()
                .map(secret -> VerificationKey.secret(VerificationKey.secretBytes(secret)))
                .orElseGet(() -> VerificationKey.of(
                        vertx, PublicKeyPem.jwk(config.jwtPublicKeyPem().orElseThrow())));
        return Future.succeededFuture(new FixedKeys(new KeySet(List.of(key), clock)));
    }

    /**
     * The token's subject, or a {@link TokenFailure}. Callable from any thread, never blocks; completes at once for a
     * token seen before or signed with the secret, and otherwise on the caller's context.
     */
    public Future<Subject> verify(String compactToken) {
        try {
            return check(compactToken);
        } catch (TokenFailure failure) {
            return Future.failedFuture(failure);
        }
    }

    /** Ends the background refresh and the threads for signatures. */
    public Future<Void> close() {
        return Future.join(keys.close(), signatures.close()).mapEmpty();
    }

    private Future<Subject> check(String text) {
        if (text.length() > BearerToken.MAX_LENGTH) {
            throw new InvalidToken(InvalidToken.Reason.TOO_LONG);
        }
        KeySet current = keys.current();
        TokenDigest digest = TokenDigest.of(text);
        Optional<Subject> remembered = current.remembered(digest);
        if (remembered.isPresent()) {
            return Future.succeededFuture(remembered.get());
        }
        CompactToken token = CompactToken.parse(text);
        Subject subject = rules.check(token.claims(), clock.instant());
        KeySet.Lookup lookup = current.find(token);
        if (lookup instanceof KeySet.Lookup.None none && none.reason() == InvalidToken.Reason.UNKNOWN_KEY) {
            return onThisContext(keys.newest())
                    .compose(newest -> prove(token, digest, subject, newest, newest.find(token)));
        }
        return prove(token, digest, subject, current, lookup);
    }

    private Future<Subject> prove(
            CompactToken token, TokenDigest digest, Subject subject, KeySet keys, KeySet.Lookup lookup) {
        if (lookup instanceof KeySet.Lookup.Found found) {
            return verify(found.key(), token).map(proven -> {
                keys.remember(digest, subject);
                return subject;
            });
        }
        return Future.failedFuture(new InvalidToken(((KeySet.Lookup.None) lookup).reason()));
    }

    /** An elliptic curve takes up to milliseconds, which no event loop has. */
    private Future<Void> verify(VerificationKey key, CompactToken token) {
        return key.isSecret()
                ? key.verify(token)
                : signatures.executeBlocking(() -> key.verify(token), false).compose(verified -> verified);
    }

    /** The fetch is shared by callers on different event loops; each goes on where it came from. */
    private <T> Future<T> onThisContext(Future<T> shared) {
        Context context = vertx.getOrCreateContext();
        Promise<T> here = Promise.promise();
        shared.onComplete(outcome -> context.runOnContext(go -> here.handle(outcome)));
        return here.future();
    }
}
