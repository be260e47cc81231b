package dev.sluice.access;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/** Configurations and outcomes as the tests of this package need them. */
final class Verifiers {
    static final Clock FIXED = Clock.fixed(Jws.NOW, ZoneOffset.UTC);

    private Verifiers() {}

    static AccessConfig secret(String secret) {
        return config(Optional.of(secret), Optional.empty(), Optional.empty());
    }

    static AccessConfig pem(String pem) {
        return config(Optional.empty(), Optional.of(pem), Optional.empty());
    }

    static AccessConfig jwks(String url, Duration refresh) {
        return new AccessConfig(
                Optional.empty(),
                Optional.empty(),
                Optional.of(URI.create(url)),
                refresh,
                Optional.empty(),
                Optional.empty());
    }

    private static AccessConfig config(Optional<String> secret, Optional<String> pem, Optional<URI> jwks) {
        return new AccessConfig(secret, pem, jwks, Duration.ofMinutes(5), Optional.empty(), Optional.empty());
    }

    static TokenVerifier verifier(Vertx vertx, AccessConfig config) {
        return await(TokenVerifier.create(vertx, config, FIXED));
    }

    static Subject verified(TokenVerifier verifier, String token) {
        return await(verifier.verify(token));
    }

    static void assertRefused(TokenVerifier verifier, String token, InvalidToken.Reason reason) {
        InvalidToken refusal = catchThrowableOfType(InvalidToken.class, () -> verified(verifier, token));
        assertThat(refusal).isNotNull();
        assertThat(refusal.reason()).isEqualTo(reason);
    }

    static <T> T await(Future<T> future) {
        try {
            return future.await(20, SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("nothing within 20 s", e);
        }
    }
}
