package dev.sluice.access;

import static dev.sluice.access.InvalidToken.Reason.ALGORITHM;
import static dev.sluice.access.InvalidToken.Reason.CRITICAL_HEADER;
import static dev.sluice.access.InvalidToken.Reason.KEY_ID;
import static dev.sluice.access.InvalidToken.Reason.MALFORMED;
import static dev.sluice.access.InvalidToken.Reason.MALFORMED_JSON;
import static dev.sluice.access.InvalidToken.Reason.SIGNATURE;
import static dev.sluice.access.InvalidToken.Reason.TOO_LONG;
import static dev.sluice.access.InvalidToken.Reason.TYPE;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * A JWS in compact serialization (RFC 7515 section 7.1), taken apart but not verified. Of the header only {@code alg},
 * {@code kid}, {@code typ} and {@code crit} are looked at: keys that a token brings along or points to ({@code jwk},
 * {@code jku}, {@code x5c}, {@code x5u}) are never used.
 */
final class CompactToken {
    private static final Set<String> TYPES = Set.of("jwt", "at+jwt", "application/at+jwt", "application/jwt");

    private final String text;
    private final Algorithm algorithm;
    private final Optional<String> keyId;
    private final ObjectNode claims;

    private CompactToken(String text, Algorithm algorithm, Optional<String> keyId, ObjectNode claims) {
        this.text = text;
        this.algorithm = algorithm;
        this.keyId = keyId;
        this.claims = claims;
    }

    /** Throws {@link InvalidToken} for what is no signed token, or one whose header is not acceptable. */
    static CompactToken parse(String text) {
        if (text.length() > BearerToken.MAX_LENGTH) {
            throw new InvalidToken(TOO_LONG);
        }
        String[] parts = text.split("\\.", -1);
        if (parts.length != 3) {
            throw new InvalidToken(MALFORMED);
        }
        ObjectNode header = object(parts[0]);
        ObjectNode claims = object(parts[1]);
        byte[] signature = decode(parts[2]);

        if (header.has("crit")) {
            throw new InvalidToken(CRITICAL_HEADER);
        }
        Algorithm algorithm =
                string(header, "alg", ALGORITHM).flatMap(Algorithm::of).orElseThrow(() -> new InvalidToken(ALGORITHM));
        if (signature.length == 0 || !algorithm.mayHaveSignatureOf(signature.length)) {
            throw new InvalidToken(SIGNATURE);
        }
        if (!string(header, "typ", TYPE)
                .map(type -> TYPES.contains(type.toLowerCase(Locale.ROOT)))
                .orElse(true)) {
            throw new InvalidToken(TYPE);
        }
        return new CompactToken(text, algorithm, string(header, "kid", KEY_ID), claims);
    }

    String text() {
        return text;
    }

    Algorithm algorithm() {
        return algorithm;
    }

    Optional<String> keyId() {
        return keyId;
    }

    ObjectNode claims() {
        return claims;
    }

    private static ObjectNode object(String part) {
        return StrictJson.object(decode(part)).orElseThrow(() -> new InvalidToken(MALFORMED_JSON));
    }

    /** Without padding, white space or stray bits in the last character: exactly one text for the same bytes. */
    private static byte[] decode(String part) {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(part);
            if (!Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(part)) {
                throw new InvalidToken(MALFORMED);
            }
            return bytes;
        } catch (IllegalArgumentException e) {
            throw new InvalidToken(MALFORMED);
        }
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
