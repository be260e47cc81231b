package dev.sluice.access;

import static dev.sluice.access.InvalidToken.Reason.ALGORITHM;
import static dev.sluice.access.InvalidToken.Reason.CRITICAL_HEADER;
import static dev.sluice.access.InvalidToken.Reason.KEY_ID;
import static dev.sluice.access.InvalidToken.Reason.TYPE;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The header of a JWS (RFC 7515 section 4). Only {@code alg}, {@code kid}, {@code typ} and {@code crit} are looked at: keys that a
 * token brings along or points to ({@code jwk}, {@code jku}, {@code x5c}, {@code x5u}) are never used.
 */
record JoseHeader(Algorithm algorithm, Optional<String> keyId) {
    private static final Set<String> TYPES = Set.of("jwt", "at+jwt", "application/at+jwt", "application/jwt");

    /** Throws {@link InvalidToken} for one that is not acceptable. */
    static JoseHeader of(ObjectNode header) {
        if (header.has("crit")) {
            throw new InvalidToken(CRITICAL_HEADER);
        }
        Algorithm algorithm =
                string(header, "alg", ALGORITHM).flatMap(Algorithm::of).orElseThrow(() -> new InvalidToken(ALGORITHM));
        if (!string(header, "typ", TYPE)
                .map(type -> TYPES.contains(type.toLowerCase(Locale.ROOT)))
                .orElse(true)) {
            throw new InvalidToken(TYPE);
        }
        return new JoseHeader(algorithm, string(header, "kid", KEY_ID));
    }

    private static Optional<String> string(ObjectNode header, String name, InvalidToken.Reason otherwise) {
        JsonNode value = header.get(name);
        if (value == null) {
            return Optional.empty();
        }
        if (!value.isTextual()) {
            throw new InvalidToken(otherwise);
        }
        return Optional.of(value.textValue());
    }
}
