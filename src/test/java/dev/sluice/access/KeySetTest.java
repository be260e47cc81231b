package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(VertxExtension.class)
class KeySetTest {
    private static final Instant NOW = Instant.parse("2026-11-23T00:00:00Z");

    private static final KeyPair PAIR = Jws.keysFor("EdDSA");

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

    /** Keys by their ids, of which - is none; found is the place of one, or why there is none. */
    @ParameterizedTest
    @CsvSource({
        "a, a, 0",
        "a, -, 0",
        "a, b, UNKNOWN_KEY",
        "-, a, 0",
        "-a, a, 1",
        "a-, a, 0",
        "--a, a, 2",
        "-a-, a, 1",
        "-a, b, 0",
        "ab, b, 1",
        "-a, -, AMBIGUOUS_KEY",
        "--, a, AMBIGUOUS_KEY",
        "aa, a, AMBIGUOUS_KEY",
        "aa-, a, AMBIGUOUS_KEY"
    })
    void aKeyThatIsNamedIsBetterThanOneWithoutAnIdAndOfTwoAlikeNeitherIs(
            String ids, String named, String found, Vertx vertx) {
        List<VerificationKey> all = ids.chars()
                .mapToObj(id -> VerificationKey.of(vertx, key(id == '-' ? "" : Character.toString(id))))
                .toList();
        String header = named.equals("-") ? "{\"alg\":\"EdDSA\"}" : "{\"alg\":\"EdDSA\",\"kid\":\"" + named + "\"}";
        KeySet.Lookup lookup = new KeySet(all, clock)
                .find(CompactToken.parse(Jws.sign("EdDSA", PAIR.getPrivate(), header, Jws.claims(""))));
        String told = lookup instanceof KeySet.Lookup.Found one
                ? Integer.toString(all.indexOf(one.key()))
                : ((KeySet.Lookup.None) lookup).reason().name();
        assertThat(told).isEqualTo(found);
    }

    private static ObjectNode key(String id) {
        ObjectNode jwk = StrictJson.object(Jws.jwk(PAIR.getPublic(), "x", "").getBytes(StandardCharsets.UTF_8))
                .orElseThrow();
        return id.isEmpty() ? jwk.without("kid") : jwk.put("kid", id);
    }
}
