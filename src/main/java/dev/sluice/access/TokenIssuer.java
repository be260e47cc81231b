package dev.sluice.access;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.JWTOptions;
import io.vertx.ext.auth.jwt.JWTAuth;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;

/** Signs tokens with the configured secret (HS256), for the demo and the {@code token} command. */
public final class TokenIssuer {
    private final JWTAuth signer;
    private final AccessConfig config;
    private final Clock clock;

    /** Throws {@link IllegalArgumentException} without a secret of at least 32 bytes. */
    public TokenIssuer(Vertx vertx, AccessConfig config, Clock clock) {
        String secret = config.jwtSecret()
                .orElseThrow(() -> new IllegalArgumentException("tokens can only be issued with a token secret"));
        this.signer = VerificationKey.auth(
                vertx, Algorithm.HS256, VerificationKey.secretJwk(VerificationKey.secretBytes(secret)));
        this.config = config;
        this.clock = clock;
    }

    /**
     * A token that the verifier of the same configuration accepts from now on for this long. Throws {@link
     * IllegalArgumentException} for a subject that cannot be an owner, or a validity under one second.
     */
    public String issue(String subject, Set<Scope> scopes, Duration validity) {
        if (!ClaimRules.isOwner(subject)) {
            throw new IllegalArgumentException("a subject has 1 to 255 characters and no controls");
        }
        if (validity.toSeconds() < 1) {
            throw new IllegalArgumentException("a token is valid for at least one second");
        }
        long now = clock.instant().getEpochSecond();
        JsonObject claims = new JsonObject().put("sub", subject).put("iat", now).put("exp", now + validity.toSeconds());
        config.issuer().ifPresent(issuer -> claims.put("iss", issuer));
        config.audience().ifPresent(audience -> claims.put("aud", audience));
        if (!scopes.isEmpty()) {
            claims.put("scope", scopes.stream().sorted().map(Scope::value).collect(Collectors.joining(" ")));
        }
        return signer.generateToken(
                claims, new JWTOptions().setAlgorithm(Algorithm.HS256.value()).setNoTimestamp(true));
    }
}
