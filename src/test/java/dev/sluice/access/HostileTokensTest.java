package dev.sluice.access;

import static dev.sluice.access.Jws.base64url;
import static dev.sluice.access.Jws.claims;
import static dev.sluice.access.Jws.hs256;
import static dev.sluice.access.Verifiers.assertRefused;
import static dev.sluice.access.Verifiers.verified;
import static dev.sluice.access.Verifiers.verifier;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.access.InvalidToken.Reason;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.junit5.VertxExtension;
import java.security.Key;
import java.security.KeyPair;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(VertxExtension.class)
class HostileTokensTest {
    private static final Key SECRET = Jws.secret("HmacSHA256");
    private static final String HEADER = "{\"alg\":\"HS256\"}";

    private TokenVerifier verifier;

    @BeforeEach
    void verifyBySecret(Vertx vertx) {
        verifier = verifier(vertx, Verifiers.secret(Jws.SECRET));
        assertThat(verified(verifier, hs256(claims(""))).owner()).isEqualTo("alice");
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "None", "NONE", "nOnE", "", "hs256", "HS1", "RS1", "ES256K", "dir"})
    void otherAlgorithmsAreRefusedEvenWhenSigned(String algorithm) {
        String header = "{\"alg\":\"" + algorithm + "\"}";
        assertRefused(verifier, Jws.sign("HS256", SECRET, header, claims("")), Reason.ALGORITHM);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"alg\":null}", "{\"alg\":[\"HS256\"]}", "{\"alg\":256}"})
    void aMissingOrMistypedAlgorithmIsRefused(String header) {
        assertRefused(verifier, Jws.sign("HS256", SECRET, header, claims("")), Reason.ALGORITHM);
    }

    @Test
    void unsignedTokensAreRefused() {
        String input = part("{\"alg\":\"none\"}") + "." + part(claims(""));
        assertRefused(verifier, input + ".", Reason.ALGORITHM);
        assertRefused(verifier, input, Reason.MALFORMED);
        assertRefused(verifier, part(HEADER) + "." + part(claims("")) + ".", Reason.SIGNATURE);
    }

    @Test
    void thePublicKeyAsHmacSecretIsRefused(Vertx vertx) {
        KeyPair keys = Jws.keysFor("RS256");
        String pem = Jws.pem(keys.getPublic());
        TokenVerifier byPem = verifier(vertx, Verifiers.pem(pem));

        for (byte[] confused : new byte[][] {
            pem.getBytes(UTF_8), pem.strip().getBytes(UTF_8), keys.getPublic().getEncoded()
        }) {
            Key secret = new SecretKeySpec(confused, "HmacSHA256");
            assertRefused(byPem, Jws.sign("HS256", secret, HEADER, claims("")), Reason.NO_KEY);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS256", "PS256", "ES256", "EdDSA"})
    void aSecretVerifiesNothingButHmac(String algorithm) {
        String token = Jws.token(algorithm, Jws.keysFor(algorithm).getPrivate(), "any");
        assertRefused(verifier, token, Reason.UNKNOWN_KEY);
    }

    @Test
    void anEllipticCurveKeyIsUsedOnlyForItsCurve(Vertx vertx) {
        KeyPair keys = Jws.keysFor("ES384");
        TokenVerifier byPem = verifier(vertx, Verifiers.pem(Jws.pem(keys.getPublic())));
        assertRefused(byPem, Jws.token("ES256", Jws.keysFor("ES256").getPrivate(), "any"), Reason.UNKNOWN_KEY);
    }

    @Test
    void keysThatATokenBringsOrPointsToAreNeverUsed(Vertx vertx) {
        AtomicInteger asked = new AtomicInteger();
        KeyPair attackers = Jws.keysFor("RS256");
        HttpServer server = Verifiers.await(vertx.createHttpServer()
                .requestHandler(request -> {
                    asked.incrementAndGet();
                    request.response().end("{\"keys\":[" + Jws.jwk(attackers.getPublic(), "x", "") + "]}");
                })
                .listen(0, "127.0.0.1"));
        String url = "http://127.0.0.1:" + server.actualPort() + "/keys";
        KeyPair ours = Jws.keysFor("RS256");
        TokenVerifier byPem = verifier(vertx, Verifiers.pem(Jws.pem(ours.getPublic())));

        for (String member : new String[] {
            "\"jku\":\"" + url + "\"",
            "\"x5u\":\"" + url + "\"",
            "\"x5c\":[\""
                    + java.util.Base64.getEncoder()
                            .encodeToString(attackers.getPublic().getEncoded()) + "\"]",
            "\"jwk\":" + Jws.jwk(attackers.getPublic(), "x", "")
        }) {
            String header = "{\"alg\":\"RS256\",\"kid\":\"x\"," + member + "}";
            assertRefused(byPem, Jws.sign("RS256", attackers.getPrivate(), header, claims("")), Reason.SIGNATURE);
        }
        assertThat(asked).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../../../dev/null", "' OR 1=1 --", "/etc/passwd", "http://127.0.0.1/x"})
    void aKeyIdIsNeverMoreThanAName(String keyId) {
        String header = "{\"alg\":\"HS256\",\"kid\":\"" + keyId + "\"}";
        Key empty = new SecretKeySpec(new byte[] {0}, "HmacSHA256");
        assertRefused(verifier, Jws.sign("HS256", empty, header, claims("")), Reason.SIGNATURE);
        assertThat(verified(verifier, Jws.sign("HS256", SECRET, header, claims("")))
                        .owner())
                .isEqualTo("alice");
    }

    @Test
    void mistypedKeyIdsAreRefused() {
        String header = "{\"alg\":\"HS256\",\"kid\":[\"a\"]}";
        assertRefused(verifier, Jws.sign("HS256", SECRET, header, claims("")), Reason.KEY_ID);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"crit\":[\"b64\"],\"b64\":false", "\"crit\":[\"exp\"]", "\"crit\":[]", "\"crit\":null"})
    void criticalExtensionsAreRefused(String member) {
        String header = "{\"alg\":\"HS256\"," + member + "}";
        assertRefused(verifier, Jws.sign("HS256", SECRET, header, claims("")), Reason.CRITICAL_HEADER);
    }

    @Test
    void tokensOfAnotherTypeAreRefused() {
        assertRefused(verifier, withType("\"dpop+jwt\""), Reason.TYPE);
        assertRefused(verifier, withType("7"), Reason.TYPE);
        assertThat(verified(verifier, withType("\"JWT\"")).owner()).isEqualTo("alice");
        assertThat(verified(verifier, withType("\"at+jwt\"")).owner()).isEqualTo("alice");
    }

    @Test
    void membersThatComeTwiceAreRefused() {
        String twiceInHeader = "{\"alg\":\"HS256\",\"alg\":\"HS256\"}";
        assertRefused(verifier, Jws.sign("HS256", SECRET, twiceInHeader, claims("")), Reason.MALFORMED_JSON);
        assertRefused(verifier, hs256(claims(",\"sub\":\"mallory\"")), Reason.MALFORMED_JSON);
        assertRefused(verifier, hs256(claims(",\"s\\u0075b\":\"mallory\"")), Reason.MALFORMED_JSON);
    }

    @Test
    void claimsThatAreNotExactlyOneJsonObjectAreRefused() {
        for (String claims : new String[] {
            "",
            "null",
            "[]",
            "\"text\"",
            "{",
            claims("") + "{}",
            claims("") + " x",
            "\uFEFF" + claims(""),
            claims(",\"deep\":" + "[".repeat(100) + "]".repeat(100)),
            claims(",\"n\":NaN"),
            claims(",'a':1")
        }) {
            assertRefused(verifier, hs256(claims), Reason.MALFORMED_JSON);
        }
        byte[] utf16 = claims("").getBytes(java.nio.charset.StandardCharsets.UTF_16BE);
        assertRefused(verifier, signed(base64url(utf16)), Reason.MALFORMED_JSON);
        byte[] latin1 = claims(",\"name\":\"\u00e9\"").getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        assertRefused(verifier, signed(base64url(latin1)), Reason.MALFORMED_JSON);
    }

    @Test
    void onlyThreePartsOfCanonicalBase64urlAreAToken() {
        String token = hs256(claims(""));
        String claims = claims("");
        String padded = part(claims + " ".repeat((4 - claims.length() % 3) % 3));
        for (String malformed : new String[] {
            "",
            ".",
            "..",
            "...",
            token + ".",
            token + "." + token,
            "." + token,
            token + "=",
            token + "\n",
            " " + token,
            token.replaceFirst("\\.", ". "),
            token.replaceFirst("\\.", "\n."),
            token.replaceFirst("\\.", "+."),
            token.replaceFirst("\\.", "\u00e9."),
            signed(padded + "="),
            withStrayBits(token)
        }) {
            InvalidToken refusal = org.assertj.core.api.Assertions.catchThrowableOfType(
                    InvalidToken.class, () -> verified(verifier, malformed));
            assertThat(refusal).as("%s", malformed).isNotNull();
            assertThat(refusal.reason()).isIn(Reason.MALFORMED, Reason.MALFORMED_JSON);
        }
    }

    @Test
    void encryptedTokensAreRefused() {
        String header = part("{\"alg\":\"dir\",\"enc\":\"A256GCM\"}");
        assertRefused(verifier, header + "..AAAA.AAAA.AAAA", Reason.MALFORMED);
    }

    @Test
    void aHeaderThatIsRefusedIsRefusedHoweverOftenAndWhateverCameBefore() {
        String good = "{\"alg\":\"HS256\"}";
        String bad = "{\"alg\":\"HS256\",\"crit\":[\"exp\"]}";
        for (String header : List.of(good, bad, bad, good, good, bad)) {
            String token = Jws.sign("HS256", SECRET, header, Jws.claims(""));
            if (header.equals(good)) {
                assertThat(verified(verifier, token).owner()).isEqualTo("alice");
            } else {
                assertRefused(verifier, token, Reason.CRITICAL_HEADER);
            }
        }
    }

    @Test
    void tokensUpTo8KiBAreReadAndLongerOnesAreNot() {
        String short1 = tokenOfLength(8192);
        assertThat(verified(verifier, short1).owner()).isEqualTo("alice");
        assertRefused(verifier, tokenOfLength(8193), Reason.TOO_LONG);
        assertRefused(verifier, "a".repeat(64 * 1024), Reason.TOO_LONG);
    }

    private static String tokenOfLength(int length) {
        for (int padding = 5000; padding < 8192; padding++) {
            for (String header : new String[] {HEADER, "{\"alg\":\"HS256\" }", "{\"alg\":\"HS256\"  }"}) {
                int payload = claims(",\"p\":\"\"").length() + padding;
                int total = unpadded(header.length()) + unpadded(payload) + unpadded(32) + 2;
                if (total == length) {
                    String claims = claims(",\"p\":\"" + "x".repeat(padding) + "\"");
                    String token = Jws.sign("HS256", SECRET, header, claims);
                    assertThat(token).hasSize(length);
                    return token;
                }
            }
        }
        throw new AssertionError("no such length");
    }

    private static int unpadded(int bytes) {
        return (bytes * 4 + 2) / 3;
    }

    private static String withType(String type) {
        return Jws.sign("HS256", SECRET, "{\"alg\":\"HS256\",\"typ\":" + type + "}", claims(""));
    }

    /** The same bytes by another last character: 32 bytes leave two bits of it unused. */
    private static String withStrayBits(String token) {
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        int last = alphabet.indexOf(token.charAt(token.length() - 1));
        return token.substring(0, token.length() - 1) + alphabet.charAt(last + 1);
    }

    private static String signed(String claimsPart) {
        String input = part(HEADER) + "." + claimsPart;
        return input + "." + base64url(Jws.signature("HS256", SECRET, input.getBytes(UTF_8)));
    }

    private static String part(String json) {
        return base64url(json.getBytes(UTF_8));
    }
}
