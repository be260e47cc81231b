package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class KeySetTest {
    private static final Instant NOW = Instant.parse("2026-11-23T00:00:00Z");

    private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
    private final InstantSource source = now::get;
    private final Clock clock = source.withZone(ZoneOffset.UTC);
    private final KeySet keys = new KeySet(List.of(), clock);
    private final TokenDigest token = TokenDigest.of("a.b.c");
    private final Subject subject = new Subject("alice", Set.of(), NOW.plusSeconds(60));

    @Test
    void aTokenIsRememberedFromItsSecondVerificationOn() {
        keys.remember(token, subject);
        assertThat(keys.remembered(token)).isEmpty();
        keys.remember(token, subject);
        assertThat(keys.remembered(token)).contains(subject);
        assertThat(keys.remembered(TokenDigest.of("a.b.d"))).isEmpty();
    }

    @Test
    void whatIsRememberedExpires() {
        keys.remember(token, subject);
        keys.remember(token, subject);
        now.set(NOW.plusSeconds(60).plus(ClaimRules.LEEWAY).minusMillis(1));
        assertThat(keys.remembered(token)).contains(subject);
        now.set(NOW.plusSeconds(60).plus(ClaimRules.LEEWAY));
        assertThat(keys.remembered(token)).isEmpty();
    }

    @Test
    void otherKeysRememberNothingOfThese() {
        keys.remember(token, subject);
        keys.remember(token, subject);
        assertThat(new KeySet(List.of(), clock).remembered(token)).isEmpty();
    }
}
