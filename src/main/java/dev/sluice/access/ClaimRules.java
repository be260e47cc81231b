package dev.sluice.access;

import static dev.sluice.access.InvalidToken.Reason.AUDIENCE;
import static dev.sluice.access.InvalidToken.Reason.EXPIRED;
import static dev.sluice.access.InvalidToken.Reason.EXPIRY;
import static dev.sluice.access.InvalidToken.Reason.ISSUED_AT;
import static dev.sluice.access.InvalidToken.Reason.ISSUER;
import static dev.sluice.access.InvalidToken.Reason.NOT_BEFORE;
import static dev.sluice.access.InvalidToken.Reason.NOT_YET_VALID;
import static dev.sluice.access.InvalidToken.Reason.SCOPE;
import static dev.sluice.access.InvalidToken.Reason.SUBJECT;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the claims of a token must say (RFC 7519 section 4.1). */
record ClaimRules(Optional<String> issuer, Optional<String> audience) {
    /** How far the issuer's clock and this one may differ. */
    static final Duration LEEWAY = Duration.ofSeconds(30);

    private static final int MAX_SUBJECT_LENGTH = 255;

    /** The last second of the year 9999, beyond which RFC 3339 has no text for a time. */
    private static final double LAST_SECOND = 253_402_300_799d;

    /** Throws {@link InvalidToken} unless the claims hold at this time. */
    Subject check(ObjectNode claims, Instant now) {
        Instant expiresAt = time(claims, "exp", EXPIRY).orElseThrow(() -> new InvalidToken(EXPIRY));
        time(claims, "iat", ISSUED_AT);
        if (expired(expiresAt, now)) {
            throw new InvalidToken(EXPIRED);
        }
        if (time(claims, "nbf", NOT_BEFORE)
                .map(notBefore -> now.plus(LEEWAY).isBefore(notBefore))
                .orElse(false)) {
            throw new InvalidToken(NOT_YET_VALID);
        }
        if (issuer.isPresent() && !isText(claims.get("iss"), issuer.get())) {
            throw new InvalidToken(ISSUER);
        }
        if (audience.isPresent() && !isMeantFor(claims.get("aud"), audience.get())) {
            throw new InvalidToken(AUDIENCE);
        }
        return new Subject(subject(claims), scopes(claims), expiresAt);
    }

    /** RFC 7519 section 4.1.4: not accepted on or after the expiry; here, on or after the end of the leeway. */
    static boolean expired(Instant expiresAt, Instant now) {
        return !now.isBefore(expiresAt.plus(LEEWAY));
    }

    /** Whether it can be an owner: 1 to 255 characters that PostgreSQL can hold and a log line can show. */
    static boolean isOwner(String name) {
        return !name.isEmpty()
                && name.codePointCount(0, name.length()) <= MAX_SUBJECT_LENGTH
                && name.codePoints()
                        .noneMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE);
    }

    private static String subject(ObjectNode claims) {
        JsonNode subject = claims.get("sub");
        if (subject == null || !subject.isTextual() || !isOwner(subject.textValue())) {
            throw new InvalidToken(SUBJECT);
        }
        return subject.textValue();
    }

    private static Set<Scope> scopes(ObjectNode claims) {
        Set<Scope> scopes = EnumSet.noneOf(Scope.class);
        JsonNode claim = claims.get("scope");
        if (claim == null) {
            return scopes;
        }
        if (!claim.isTextual()) {
            throw new InvalidToken(SCOPE);
        }
        for (String word : claim.textValue().split(" ", -1)) {
            Scope.of(word).ifPresent(scopes::add);
        }
        return scopes;
    }

    /** A NumericDate (RFC 7519 section 2): seconds since the epoch, perhaps with a fraction. */
    private static Optional<Instant> time(ObjectNode claims, String name, InvalidToken.Reason otherwise) {
        JsonNode claim = claims.get(name);
        if (claim == null) {
            return Optional.empty();
        }
        double seconds = claim.isNumber() ? claim.doubleValue() : Double.NaN;
        if (!(seconds >= 0 && seconds <= LAST_SECOND)) {
            throw new InvalidToken(otherwise);
        }
        return Optional.of(Instant.ofEpochMilli((long) (seconds * 1000)));
    }

    private static boolean isMeantFor(@Nullable JsonNode claim, String audience) {
        if (claim == null || !claim.isArray()) {
            return isText(claim, audience);
        }
        boolean meant = false;
        for (JsonNode member : claim) {
            if (!member.isTextual()) {
                return false;
            }
            meant |= member.textValue().equals(audience);
        }
        return meant;
    }

    private static boolean isText(@Nullable JsonNode claim, String expected) {
        return claim != null && claim.isTextual() && claim.textValue().equals(expected);
    }
}
