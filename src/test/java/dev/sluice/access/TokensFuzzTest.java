package dev.sluice.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.security.Key;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Whatever is a token's header and claims, signed or not: a subject comes out only of what says so, and else a refusal. */
class TokensFuzzTest {
    private static final Key SECRET = Jws.secret("HmacSHA256");

    private static Vertx vertx;
    private static TokenVerifier verifier;

    @BeforeAll
    static void verifyBySecret() {
        vertx = Vertx.vertx();
        verifier = Verifiers.verifier(vertx, Verifiers.secret(Jws.SECRET));
    }

    @AfterAll
    static void stop() {
        Verifiers.await(vertx.close());
    }

    /** Header and claims, separated by the first line feed. */
    @FuzzTest(maxDuration = "1m")
    void onlyWhatSaysSoHasASubject(byte[] input) {
        String text = new String(input, UTF_8);
        refused(text);
        BearerToken.from("Bearer " + text);
        String[] parts = text.split("\n", 2);
        String header = parts[0];
        String claims = parts[parts.length - 1];
        String token = Jws.sign("HS256", SECRET, header, claims);
        refused(Jws.base64url(header.getBytes(UTF_8)) + "." + Jws.base64url(claims.getBytes(UTF_8)) + ".");
        Future<Subject> verified = verifier.verify(token);
        assertThat(verified.isComplete()).isTrue();
        if (verified.failed()) {
            assertThat(verified.cause()).isInstanceOf(InvalidToken.class);
            return;
        }
        JsonObject read = new JsonObject(claims);
        assertThat(new JsonObject(header).getString("alg")).isEqualTo("HS256");
        assertThat(verified.result().owner()).isEqualTo(read.getString("sub")).isNotEmpty();
        assertThat(read.getDouble("exp") + (double) ClaimRules.LEEWAY.toSeconds())
                .isGreaterThanOrEqualTo((double) Jws.NOW.getEpochSecond());
    }

    private static void refused(String unsigned) {
        Future<Subject> verified = verifier.verify(unsigned);
        assertThat(verified.failed()).isTrue();
        assertThat(verified.cause()).isInstanceOf(InvalidToken.class);
    }
}
