package dev.sluice.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.JWTOptions;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.auth.jwt.JWTAuthOptions;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import javax.crypto.spec.SecretKeySpec;

/**
 * One key and the algorithms it is good for. Each algorithm has a check that holds this key for this algorithm and nothing
 * else, so that a token's header can never choose how a key is read (RFC 8725 section 3.1).
 */
final class VerificationKey {
    static final int MIN_SECRET_BYTES = 32;
    private static final int MIN_RSA_BITS = 2048;

    private final Optional<String> id;
    private final Map<Algorithm, SignatureCheck> checks = new EnumMap<>(Algorithm.class);

    private VerificationKey(Optional<String> id, Set<Algorithm> algorithms, Function<Algorithm, SignatureCheck> check) {
        this.id = id;
        algorithms.forEach(algorithm -> checks.put(algorithm, check.apply(algorithm)));
    }

    /** An HMAC key; throws {@link IllegalArgumentException} under 32 bytes (RFC 7518 section 3.2). */
    static VerificationKey secret(byte[] secret) {
        requireLength(secret);
        return new VerificationKey(
                Optional.empty(),
                Algorithm.fitting("oct", ""),
                algorithm -> new SignatureCheck.Secret(new SecretKeySpec(secret, algorithm.macName())));
    }

    /**
     * A public key as a JWK (RFC 7517 section 4, RFC 7518 section 6, RFC 8037 section 2). Members beyond the key itself
     * are dropped: no certificates, no private parts.
     *
     * @throws IllegalArgumentException if it is symmetric, not meant for signatures, weak, or no key at all
     */
    static VerificationKey of(Vertx vertx, ObjectNode jwk) {
        String use = text(jwk, "use").orElse("sig");
        JsonNode operations = jwk.get("key_ops");
        if (!use.equals("sig") || (operations != null && !mentionsVerify(operations))) {
            throw new IllegalArgumentException("not meant for signatures");
        }
        String type = required(jwk, "kty");
        JsonObject key = new JsonObject().put("kty", type);
        switch (type) {
            case "RSA" -> {
                String modulus = required(jwk, "n");
                if (new BigInteger(1, Base64.getUrlDecoder().decode(modulus)).bitLength() < MIN_RSA_BITS) {
                    throw new IllegalArgumentException("an RSA key under " + MIN_RSA_BITS + " bits");
                }
                key.put("n", modulus).put("e", required(jwk, "e"));
            }
            case "EC" ->
                key.put("crv", required(jwk, "crv"))
                        .put("x", required(jwk, "x"))
                        .put("y", required(jwk, "y"));
            case "OKP" -> key.put("crv", required(jwk, "crv")).put("x", required(jwk, "x"));
            default -> throw new IllegalArgumentException("not a public key of a known type");
        }
        Set<Algorithm> algorithms = Algorithm.fitting(type, key.getString("crv", ""));
        text(jwk, "alg")
                .ifPresent(only ->
                        algorithms.removeIf(algorithm -> !algorithm.value().equals(only)));
        if (algorithms.isEmpty()) {
            throw new IllegalArgumentException("a curve or algorithm that is not used here");
        }
        return new VerificationKey(
                text(jwk, "kid"), algorithms, algorithm -> new SignatureCheck.PublicKey(auth(vertx, algorithm, key)));
    }

    /** The JWK of a shared secret, for {@link #auth}. */
    static JsonObject secretJwk(byte[] secret) {
        requireLength(secret);
        return new JsonObject()
                .put("kty", "oct")
                .put("k", Base64.getUrlEncoder().withoutPadding().encodeToString(secret));
    }

    private static void requireLength(byte[] secret) {
        if (secret.length < MIN_SECRET_BYTES) {
            throw new IllegalArgumentException(
                    "the token secret has %d bytes, at least %d are needed".formatted(secret.length, MIN_SECRET_BYTES));
        }
    }

    static byte[] secretBytes(String secret) {
        return secret.getBytes(StandardCharsets.UTF_8);
    }

    /** Checks signatures only: times are judged by an injected clock, in {@link ClaimRules}. */
    static JWTAuth auth(Vertx vertx, Algorithm algorithm, JsonObject jwk) {
        try {
            return JWTAuth.create(
                    vertx,
                    new JWTAuthOptions()
                            .addJwk(jwk.copy().put("alg", algorithm.value()))
                            .setJWTOptions(new JWTOptions().setIgnoreExpiration(true)));
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("not a usable key", e);
        }
    }

    /** Whether a signature costs microseconds. */
    boolean isSecret() {
        return checks.containsKey(Algorithm.HS256);
    }

    /** Whether it may have signed the token: by the token's algorithm, and unless each has an id and it is another. */
    boolean fits(CompactToken token) {
        return checks.containsKey(token.algorithm())
                && (id.isEmpty() || token.keyId().isEmpty() || id.equals(token.keyId()));
    }

    /** By its {@code kid}, which only serves to find the key. */
    boolean isNamedBy(CompactToken token) {
        return id.isPresent() && id.equals(token.keyId());
    }

    /** Succeeds when the signature is this key's; fails with {@link InvalidToken} otherwise. Completes at once. */
    Future<Void> verify(CompactToken token) {
        SignatureCheck check = checks.get(token.algorithm());
        if (check == null) {
            return Future.failedFuture(new InvalidToken(InvalidToken.Reason.NO_KEY));
        }
        return check.check(token)
                .recover(failure -> Future.failedFuture(new InvalidToken(InvalidToken.Reason.SIGNATURE)))
                .mapEmpty();
    }

    private static boolean mentionsVerify(JsonNode operations) {
        for (JsonNode operation : operations) {
            if ("verify".equals(operation.textValue())) {
                return true;
            }
        }
        return false;
    }

    private static String required(ObjectNode jwk, String name) {
        return text(jwk, name).orElseThrow(() -> new IllegalArgumentException("a key without " + name));
    }

    private static Optional<String> text(ObjectNode jwk, String name) {
        JsonNode value = jwk.get(name);
        if (value == null) {
            return Optional.empty();
        }
        if (!value.isTextual()) {
            throw new IllegalArgumentException("a key whose " + name + " is not a string");
        }
        return Optional.of(value.textValue());
    }
}
