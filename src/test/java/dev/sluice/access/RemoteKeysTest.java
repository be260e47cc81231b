package dev.sluice.access;

import static dev.sluice.access.Verifiers.FIXED;
import static dev.sluice.access.Verifiers.assertRefused;
import static dev.sluice.access.Verifiers.await;
import static dev.sluice.access.Verifiers.jwks;
import static dev.sluice.access.Verifiers.verified;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.access.InvalidToken.Reason;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.VertxInternal;
import io.vertx.junit5.VertxExtension;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(VertxExtension.class)
@Timeout(60)
class RemoteKeysTest {
    private static final Duration NEVER = Duration.ofHours(1);
    private static final Duration OFTEN = Duration.ofMillis(50);
    private static final KeyPair FIRST = Jws.keysFor("ES256");
    private static final KeyPair SECOND = Jws.keysFor("EdDSA");
    private static final String FIRST_KEY = Jws.jwk(FIRST.getPublic(), "one", "");
    private static final String SECOND_KEY = Jws.jwk(SECOND.getPublic(), "two", "");

    private final AtomicLong nanos = new AtomicLong();
    private final List<TokenVerifier> open = new ArrayList<>();

    @AfterEach
    void close() {
        open.forEach(verifier -> await(verifier.close()));
    }

    @Test
    void theKeysOfTheHostVerify(Vertx vertx) {
        JwksHost host = new JwksHost(vertx, FIRST_KEY, SECOND_KEY);
        TokenVerifier verifier = verifier(vertx, host, NEVER);

        assertThat(verified(verifier, first()).owner()).isEqualTo("alice");
        assertThat(verified(verifier, second()).owner()).isEqualTo("alice");
        assertRefused(verifier, Jws.token("ES256", FIRST.getPrivate(), "two"), Reason.NO_KEY);
        assertThat(host.requests).hasValue(1);
    }

    @Test
    void anUnknownKeyIdHasTheKeysFetchedOnce(Vertx vertx) {
        JwksHost host = new JwksHost(vertx, FIRST_KEY);
        TokenVerifier verifier = verifier(vertx, host, NEVER);
        host.serve(FIRST_KEY, SECOND_KEY);

        assertThat(verified(verifier, second()).owner()).isEqualTo("alice");
        assertThat(host.requests).hasValue(2);
    }

    @Test
    void aFloodOfUnknownKeyIdsCausesOneRequestEveryTenSeconds(Vertx vertx) {
        JwksHost host = new JwksHost(vertx, FIRST_KEY);
        TokenVerifier verifier = verifier(vertx, host, NEVER);

        flood(verifier);
        assertThat(host.requests).hasValue(2);
        nanos.addAndGet(RemoteKeys.LOOKUP_INTERVAL.toNanos() - 1);
        flood(verifier);
        assertThat(host.requests).hasValue(2);
        nanos.addAndGet(1);
        flood(verifier);
        assertThat(host.requests).hasValue(3);
        assertThat(verified(verifier, first()).owner()).isEqualTo("alice");
    }

    @Test
    void tokensThatAreRefusedAnywayCauseNoRequest(Vertx vertx) {
        JwksHost host = new JwksHost(vertx, FIRST_KEY);
        TokenVerifier verifier = verifier(vertx, host, NEVER);

        String expired = Jws.sign(
                "EdDSA", SECOND.getPrivate(), "{\"alg\":\"EdDSA\",\"kid\":\"x\"}", "{\"sub\":\"alice\",\"exp\":1}");
        assertRefused(verifier, expired, Reason.EXPIRED);
        assertThat(host.requests).hasValue(1);
    }

    @Test
    void aLookupGoesOnWhereItsCallerWas(Vertx vertx) {
        JwksHost host = new JwksHost(vertx, FIRST_KEY);
        TokenVerifier verifier = verifier(vertx, host, NEVER);
        List<CompletableFuture<Context>> continued = new ArrayList<>();
        List<Context> callers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Context caller = ((VertxInternal) vertx).createEventLoopContext();
            CompletableFuture<Context> where = new CompletableFuture<>();
            callers.add(caller);
            continued.add(where);
            caller.runOnContext(
                    go -> verifier.verify(second()).onComplete(done -> where.complete(Vertx.currentContext())));
        }
        for (int i = 0; i < callers.size(); i++) {
            assertThat(continued.get(i).join()).isSameAs(callers.get(i));
        }
    }

    @Test
    void aRemovedKeyStopsVerifyingWhatItHadVerified(Vertx vertx) {
        JwksHost host = new JwksHost(vertx, FIRST_KEY, SECOND_KEY);
        TokenVerifier verifier = verifier(vertx, host, OFTEN);
        String token = first();
        // The first time it is not remembered yet.
        assertThat(verified(verifier, token).owner()).isEqualTo("alice");
        assertThat(verified(verifier, token).owner()).isEqualTo("alice");

        host.serve(SECOND_KEY);
        until(() -> isVerified(verifier, second()) && !isVerified(verifier, token));
        assertRefused(verifier, token, Reason.UNKNOWN_KEY);
    }

    @Test
    void theKeysStayWhileTheHostIsDown(Vertx vertx) throws Exception {
        JwksHost host = new JwksHost(vertx, FIRST_KEY);
        TokenVerifier verifier = verifier(vertx, host, NEVER);
        host.goDown();

        assertThatThrownBy(() -> verified(verifier, second())).isInstanceOf(KeysUnavailable.class);
        assertThatThrownBy(() -> verified(verifier, second())).isInstanceOf(KeysUnavailable.class);
        assertThat(verified(verifier, first()).owner()).isEqualTo("alice");
    }

    @Test
    void aHostThatIsDownAtTheStartIsAskedUntilItIsUp(Vertx vertx) throws Exception {
        JwksHost host = new JwksHost(vertx, FIRST_KEY);
        host.goDown();
        TokenVerifier verifier = verifier(vertx, host, NEVER);
        assertThatThrownBy(() -> verified(verifier, first())).isInstanceOf(KeysUnavailable.class);

        host.comeUp();
        until(() -> isVerified(verifier, first()));
    }

    @Test
    void anOversizedSetIsRefused(Vertx vertx) {
        JwksHost host = new JwksHost(vertx);
        String padding = " ".repeat(JwksClient.MAX_BYTES);
        host.answer(request -> request.response().end("{\"keys\":[" + FIRST_KEY + "]}" + padding));
        assertNoKeys(vertx, host);

        host.answer(request -> {
            request.response().setChunked(true);
            Buffer block = Buffer.buffer(" ".repeat(64 * 1024));
            for (int i = 0; i < 17; i++) {
                request.response().write(block);
            }
        });
        assertNoKeys(vertx, host);
    }

    @Test
    void redirectsAreNotFollowed(Vertx vertx) {
        JwksHost elsewhere = new JwksHost(vertx, FIRST_KEY);
        JwksHost host = new JwksHost(vertx);
        host.answer(request -> request.response()
                .setStatusCode(302)
                .putHeader("Location", elsewhere.url())
                .end());

        assertNoKeys(vertx, host);
        assertThat(elsewhere.requests).hasValue(0);
    }

    @Test
    void aHostThatTricklesIsGivenUp(Vertx vertx) {
        JwksHost host = new JwksHost(vertx);
        CompletableFuture<Void> reset = new CompletableFuture<>();
        host.answer(request -> {
            request.response().setChunked(true).write("{");
            long drip = vertx.setPeriodic(200, tick -> request.response().write(" "));
            request.connection().closeHandler(closed -> {
                vertx.cancelTimer(drip);
                reset.complete(null);
            });
        });

        assertNoKeys(vertx, host);
        reset.join();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{}", "{\"keys\":{}}", "{\"keys\":[]}{}", "<html>", "{\"keys\":[],\"keys\":[]}"})
    void anAnswerThatIsNoKeySetIsRefused(String answer, Vertx vertx) {
        JwksHost host = new JwksHost(vertx);
        host.answer(request -> request.response().end(answer));
        assertNoKeys(vertx, host);
    }

    @Test
    void anAnswerThatEndsEarlyIsRefused(Vertx vertx) {
        JwksHost host = new JwksHost(vertx);
        host.answer(request -> {
            request.response().putHeader("Content-Length", "100000").write("{\"keys\":[]}");
            vertx.setTimer(20, late -> request.connection().close());
        });
        assertNoKeys(vertx, host);
    }

    @Test
    void keysThatMayNotVerifyAreLeftOut(Vertx vertx) throws Exception {
        String weak = Jws.jwk(Jws.rsa(1024).getPublic(), "weak", "");
        JwksHost host = new JwksHost(
                vertx,
                "7",
                "{}",
                "{\"kty\":\"EC\"}",
                "{\"kty\":\"oct\",\"kid\":\"shared\",\"k\":\""
                        + Jws.base64url(Jws.SECRET.getBytes(StandardCharsets.UTF_8)) + "\"}",
                "{\"kty\":\"RSA\",\"kid\":\"broken\",\"n\":\"!\",\"e\":\"AQAB\"}",
                weak,
                Jws.jwk(SECOND.getPublic(), "encrypts", ",\"use\":\"enc\""),
                Jws.jwk(SECOND.getPublic(), "wraps", ",\"key_ops\":[\"wrapKey\"]"),
                Jws.jwk(SECOND.getPublic(), "other", ",\"alg\":\"ES256\""),
                FIRST_KEY);
        TokenVerifier verifier = verifier(vertx, host, NEVER);

        for (String left : new String[] {"encrypts", "wraps", "other"}) {
            assertRefused(verifier, Jws.token("EdDSA", SECOND.getPrivate(), left), Reason.UNKNOWN_KEY);
        }
        assertRefused(verifier, Jws.token("HS256", Jws.secret("HmacSHA256"), "shared"), Reason.UNKNOWN_KEY);
        assertRefused(verifier, Jws.hs256(Jws.claims("")), Reason.NO_KEY);
        assertThat(verified(verifier, first()).owner()).isEqualTo("alice");
    }

    @Test
    void theAlgorithmOfAKeyIsItsOnlyOne(Vertx vertx) {
        KeyPair rsa = Jws.keysFor("RS256");
        JwksHost host = new JwksHost(vertx, Jws.jwk(rsa.getPublic(), "r", ",\"alg\":\"RS256\",\"use\":\"sig\""));
        TokenVerifier verifier = verifier(vertx, host, NEVER);

        assertThat(verified(verifier, Jws.token("RS256", rsa.getPrivate(), "r")).owner())
                .isEqualTo("alice");
        assertRefused(verifier, Jws.token("PS256", rsa.getPrivate(), "r"), Reason.NO_KEY);
        assertRefused(verifier, Jws.token("RS512", rsa.getPrivate(), "r"), Reason.NO_KEY);
    }

    @Test
    void aTokenWithoutKeyIdNeedsExactlyOneKeyThatFits(Vertx vertx) {
        JwksHost host = new JwksHost(vertx, FIRST_KEY, SECOND_KEY);
        TokenVerifier verifier = verifier(vertx, host, NEVER);
        String anonymous = Jws.sign("ES256", FIRST.getPrivate(), "{\"alg\":\"ES256\"}", Jws.claims(""));
        assertThat(verified(verifier, anonymous).owner()).isEqualTo("alice");

        JwksHost ambiguous =
                new JwksHost(vertx, FIRST_KEY, Jws.jwk(Jws.keysFor("ES256").getPublic(), "three", ""));
        assertRefused(verifier(vertx, ambiguous, NEVER), anonymous, Reason.AMBIGUOUS_KEY);
    }

    @Test
    void aClosedVerifierAsksNoMore(Vertx vertx) {
        JwksHost host = new JwksHost(vertx, FIRST_KEY);
        TokenVerifier verifier = verifier(vertx, host, OFTEN);
        until(() -> host.requests.get() > 2);
        await(verifier.close());

        // A request that was on its way when it closed may still arrive: before these.
        host.askSeveralTimes();
        int asked = host.requests.get();
        await(vertx.timer(OFTEN.toMillis() * 6));
        assertThat(host.requests).hasValue(asked);
    }

    private TokenVerifier verifier(Vertx vertx, JwksHost host, Duration refresh) {
        TokenVerifier verifier = await(TokenVerifier.create(vertx, jwks(host.url(), refresh), FIXED, nanos::get));
        open.add(verifier);
        return verifier;
    }

    private void assertNoKeys(Vertx vertx, JwksHost host) {
        TokenVerifier verifier = verifier(vertx, host, NEVER);
        assertThatThrownBy(() -> verified(verifier, first())).isInstanceOf(KeysUnavailable.class);
    }

    private static void flood(TokenVerifier verifier) {
        List<Future<Subject>> answers = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            answers.add(verifier.verify(Jws.token("EdDSA", SECOND.getPrivate(), "unknown" + i)));
        }
        for (Future<Subject> answer : answers) {
            assertThatThrownBy(() -> await(answer))
                    .isInstanceOfSatisfying(
                            InvalidToken.class,
                            refusal -> assertThat(refusal.reason()).isEqualTo(Reason.UNKNOWN_KEY));
        }
    }

    private static boolean isVerified(TokenVerifier verifier, String token) {
        return await(verifier.verify(token).map(subject -> true).otherwise(false));
    }

    private static void until(BooleanSupplier condition) {
        long giveUp = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("still not so").isLessThan(giveUp);
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
    }

    private static String first() {
        return Jws.token("ES256", FIRST.getPrivate(), "one");
    }

    private static String second() {
        return Jws.token("EdDSA", SECOND.getPrivate(), "two");
    }
}
