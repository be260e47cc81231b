package dev.sluice.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import dev.sluice.cache.Doorkeeper;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one moment together with what they have verified. A new key set starts with nothing remembered, so a
 * removed key takes its tokens with it, those whose verification is under way included. Safe from any thread.
 */
final class KeySet {
    private static final int MAX_REMEMBERED = 10_000;

    private final List<VerificationKey> keys;
    private final Clock clock;
    private final Doorkeeper<TokenDigest> doorkeeper = new Doorkeeper<>();
    private final Cache<TokenDigest, Subject> verified;

    KeySet(List<VerificationKey> keys, Clock clock) {
        this.keys = List.copyOf(keys);
        this.clock = clock;
        this.verified = Caffeine.newBuilder()
                .maximumSize(MAX_REMEMBERED)
                .expireAfter(Expiry.<TokenDigest, Subject>creating((digest, subject) ->
                        Duration.between(clock.instant(), subject.expiresAt().plus(ClaimRules.LEEWAY))))
                .executor(Runnable::run)
                .build();
    }

    /** The one key that may have signed the token, or why there is none. */
    Lookup find(CompactToken token) {
        @Nullable VerificationKey found = null;
        boolean several = false;
        for (VerificationKey key : keys) {
            if (!key.fits(token)) {
                continue;
            }
            // One that the token names is better than one without an id.
            if (found == null || (key.isNamedBy(token) && !found.isNamedBy(token))) {
                found = key;
                several = false;
            } else {
                several |= key.isNamedBy(token) == found.isNamedBy(token);
            }
        }
        if (several) {
            return new Lookup.None(InvalidToken.Reason.AMBIGUOUS_KEY);
        }
        if (found != null) {
            return new Lookup.Found(found);
        }
        boolean idIsUnknown = token.keyId().isPresent() && keys.stream().noneMatch(key -> key.isNamedBy(token));
        return new Lookup.None(idIsUnknown ? InvalidToken.Reason.UNKNOWN_KEY : InvalidToken.Reason.NO_KEY);
    }

    /** The subject of a token that these keys have verified before and that has not expired since. */
    Optional<Subject> remembered(TokenDigest token) {
        return Optional.ofNullable(verified.getIfPresent(token))
                .filter(subject -> !ClaimRules.expired(subject.expiresAt(), clock.instant()));
    }

    /** From the second time on: those that come once would only be in the way of others. */
    void remember(TokenDigest token, Subject subject) {
        if (doorkeeper.recurs(token)) {
            verified.put(token, subject);
        }
    }

    int size() {
        return keys.size();
    }

    /** What {@link #find} answers. */
    sealed interface Lookup {
        record Found(VerificationKey key) implements Lookup {}

        record None(InvalidToken.Reason reason) implements Lookup {}
    }
}
