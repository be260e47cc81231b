package dev.sluice.access;

import static dev.sluice.access.Verifiers.assertRefused;
import static dev.sluice.access.Verifiers.await;
import static dev.sluice.access.Verifiers.verified;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.sluice.access.InvalidToken.Reason;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

@ExtendWith(VertxExtension.class)
class TokenVerifierTest {
    private static final AccessConfig CONFIG = Verifiers.secret(Jws.SECRET);

    private final AtomicReference<Instant> now = new AtomicReference<>(Jws.NOW);
    private final InstantSource source = now::get;
    private final Clock clock = source.withZone(ZoneOffset.UTC);

    @Test
    void aTokenThatWasVerifiedBeforeStillExpires(Vertx vertx) {
        TokenVerifier verifier = await(TokenVerifier.create(vertx, CONFIG, clock));
        String token = Jws.hs256("{\"sub\":\"alice\",\"exp\":" + (Jws.NOW.getEpochSecond() + 60) + "}");
        assertThat(verified(verifier, token).expiresAt()).isEqualTo(Jws.NOW.plusSeconds(60));
        assertThat(verified(verifier, token).expiresAt())
                .as("the second time it is remembered")
                .isEqualTo(Jws.NOW.plusSeconds(60));

        now.set(Jws.NOW.plusSeconds(60 + 30).minusMillis(1));
        assertThat(verified(verifier, token).owner()).isEqualTo("alice");
        now.set(Jws.NOW.plusSeconds(60 + 30));
        assertRefused(verifier, token, Reason.EXPIRED);
    }

    @Test
    void aTokenThatIsNotValidYetBecomesValid(Vertx vertx) {
        TokenVerifier verifier = await(TokenVerifier.create(vertx, CONFIG, clock));
        String token = Jws.hs256(Jws.claims(",\"nbf\":" + (Jws.NOW.getEpochSecond() + 31)));
        assertRefused(verifier, token, Reason.NOT_YET_VALID);

        now.set(Jws.NOW.plusSeconds(1));
        assertThat(verified(verifier, token).owner()).isEqualTo("alice");
    }

    @Test
    void issuerAndAudienceOfTheConfigurationAreRequired(Vertx vertx) {
        AccessConfig strict = new AccessConfig(
                Optional.of(Jws.SECRET),
                Optional.empty(),
                Optional.empty(),
                Duration.ofMinutes(5),
                Optional.of("us"),
                Optional.of("sluice"));
        TokenVerifier verifier = await(TokenVerifier.create(vertx, strict, clock));

        assertRefused(verifier, Jws.hs256(Jws.claims("")), Reason.ISSUER);
        assertRefused(verifier, Jws.hs256(Jws.claims(",\"iss\":\"us\"")), Reason.AUDIENCE);
        assertThat(verified(verifier, Jws.hs256(Jws.claims(",\"iss\":\"us\",\"aud\":[\"sluice\"]")))
                        .owner())
                .isEqualTo("alice");
        String issued = new TokenIssuer(vertx, strict, clock).issue("bob", Set.of(), Duration.ofHours(1));
        assertThat(verified(verifier, issued).owner()).isEqualTo("bob");
    }

    @Test
    void issuedTokensAreVerifiedUntilTheyExpire(Vertx vertx) {
        TokenVerifier verifier = await(TokenVerifier.create(vertx, CONFIG, clock));
        TokenIssuer issuer = new TokenIssuer(vertx, CONFIG, clock);
        String token = issuer.issue("b\u00f6b \"x\"", Set.of(Scope.ADMIN, Scope.INGEST), Duration.ofHours(1));

        Subject subject = verified(verifier, token);
        assertThat(subject)
                .isEqualTo(new Subject(
                        "b\u00f6b \"x\"", Set.of(Scope.INGEST, Scope.ADMIN), Jws.NOW.plus(Duration.ofHours(1))));
        assertThat(new String(
                        Base64.getUrlDecoder().decode(token.substring(0, token.indexOf('.'))), StandardCharsets.UTF_8))
                .contains("\"alg\":\"HS256\"");
        now.set(Jws.NOW.plus(Duration.ofHours(2)));
        assertRefused(verifier, token, Reason.EXPIRED);
    }

    @Test
    void tokensThatNobodyCouldUseAreNotIssued(Vertx vertx) {
        TokenIssuer issuer = new TokenIssuer(vertx, CONFIG, clock);
        assertThatThrownBy(() -> issuer.issue("", Set.of(), Duration.ofHours(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> issuer.issue("bob", Set.of(), Duration.ofMillis(999)))
                .isInstanceOf(IllegalArgumentException.class);
        AccessConfig byPem = Verifiers.pem("any");
        assertThatThrownBy(() -> new TokenIssuer(vertx, byPem, clock)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void noLogLineAndNoFailureHoldsAToken(Vertx vertx) {
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.list = new CopyOnWriteArrayList<>();
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Level level = root.getLevel();
        lines.start();
        root.addAppender(lines);
        root.setLevel(Level.TRACE);
        try {
            LoggerFactory.getLogger(TokenVerifierTest.class).trace("listening");
            JwksHost host = new JwksHost(vertx, Jws.jwk(Jws.keysFor("ES256").getPublic(), "one", ""));
            AccessConfig remote = Verifiers.jwks(host.url(), Duration.ofHours(1));
            TokenVerifier bySecret = await(TokenVerifier.create(vertx, CONFIG, clock));
            TokenVerifier byJwks = await(TokenVerifier.create(vertx, remote, clock));
            String good = Jws.hs256(Jws.claims(",\"canary\":\"canary-claim\""));
            String forged = good.substring(0, good.length() - 4) + "AAAA";
            String unknown = Jws.token("ES256", Jws.keysFor("ES256").getPrivate(), "canary-kid");
            String known = Jws.token("ES256", Jws.keysFor("ES256").getPrivate(), "one");
            for (String token : List.of(good, forged, unknown, known, good + ".x", "canary-text")) {
                for (TokenVerifier verifier : List.of(bySecret, byJwks)) {
                    String said = await(verifier.verify(token)
                            .map("")
                            .recover(failure -> Future.succeededFuture(String.valueOf(failure))));
                    assertThat(said).doesNotContain("canary", token.substring(0, 10));
                }
            }
            await(byJwks.close());

            assertThat(lines.list).isNotEmpty();
            for (ILoggingEvent line : lines.list) {
                String text = line.getFormattedMessage()
                        + (line.getThrowableProxy() == null
                                ? ""
                                : line.getThrowableProxy().getMessage());
                assertThat(text).doesNotContain("canary", Jws.SECRET, good, forged, unknown, known);
                assertThat(text).doesNotContain(claimsPart(good), signaturePart(good), signaturePart(known));
            }
        } finally {
            root.setLevel(level);
            root.detachAppender(lines);
        }
    }

    private static String claimsPart(String token) {
        return token.substring(token.indexOf('.') + 1, token.lastIndexOf('.'));
    }

    private static String signaturePart(String token) {
        return token.substring(token.lastIndexOf('.') + 1);
    }
}
