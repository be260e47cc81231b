package dev.sluice.access;

import static dev.sluice.access.Verifiers.await;
import static dev.sluice.access.Verifiers.pem;
import static dev.sluice.access.Verifiers.secret;
import static dev.sluice.access.Verifiers.verified;
import static dev.sluice.access.Verifiers.verifier;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.net.URI;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(VertxExtension.class)
class KeyConfigTest {
    /** Self-signed, P-256, made for this test with OpenSSL; its private key was thrown away. */
    private static final String CERTIFICATE = """
            -----BEGIN CERTIFICATE-----
            MIIBhDCCASmgAwIBAgIUdBwuFmSWsp83Mfj8PijmE43xmZswCgYIKoZIzj0EAwIw
            FjEUMBIGA1UEAwwLc2x1aWNlLXRlc3QwIBcNMjYxMTIxMDgwNjMwWhgPMjEyNjEw
            MjgwODA2MzBaMBYxFDASBgNVBAMMC3NsdWljZS10ZXN0MFkwEwYHKoZIzj0CAQYI
            KoZIzj0DAQcDQgAEww7sMJa3UvKfYGDqefmuGN5WYX86g+b2K7AJaTj0nmvO1aJc
            e3m5uuZMMi9WYLaiHivOcfTPUTgN4jvUo8DDOaNTMFEwHQYDVR0OBBYEFPGZseFj
            mqEYIzqfnAb4zrg2tXMnMB8GA1UdIwQYMBaAFPGZseFjmqEYIzqfnAb4zrg2tXMn
            MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhAPl+2A8598qmt/ZH
            xVfvvS5DfXIbIMjLs/5PDfuDO5L8AiEA70McOKk0pPeGE6EA/XFQ+CXg2+akev/+
            K527MMMpbYs=
            -----END CERTIFICATE-----
            """;

    @Test
    void exactlyOneKeySourceIsNeeded(Vertx vertx) {
        AccessConfig none = config(Optional.empty(), Optional.empty());
        AccessConfig two = config(Optional.of(Jws.SECRET), Optional.of("pem"));
        assertRefused(vertx, none, "exactly one");
        assertRefused(vertx, two, "exactly one");
    }

    @Test
    void secretsUnder32BytesAreRefused(Vertx vertx) {
        assertRefused(vertx, secret("x".repeat(31)), "at least 32");
        assertRefused(vertx, secret(""), "at least 32");
        assertThat(verifier(vertx, secret("x".repeat(32)))).isNotNull();
        assertThat(verifier(vertx, secret("\u00e9".repeat(16)))).isNotNull();
    }

    @Test
    void weakRsaKeysAreRefused(Vertx vertx) throws Exception {
        assertRefused(vertx, pem(Jws.pem(Jws.rsa(1024).getPublic())), "under 2048 bits");
    }

    @ParameterizedTest
    @ValueSource(strings = {"X25519", "Ed448"})
    void keysOfOtherCurvesAreRefused(String curve, Vertx vertx) throws Exception {
        KeyPair keys = KeyPairGenerator.getInstance(curve).generateKeyPair();
        assertThatThrownBy(() -> verifier(vertx, pem(Jws.pem(keys.getPublic()))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatIsNoPublicKeyIsRefusedWithoutBeingShown(Vertx vertx) {
        KeyPair keys = Jws.keysFor("ES256");
        String encoded = Base64.getEncoder().encodeToString(keys.getPrivate().getEncoded());
        String publicKey = Jws.pem(keys.getPublic());
        for (String text : new String[] {
            "",
            "not a key",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
            "-----BEGIN PRIVATE KEY-----\n" + encoded + "\n-----END PRIVATE KEY-----",
            publicKey + publicKey
        }) {
            assertThatThrownBy(() -> verifier(vertx, pem(text)))
                    .as(text)
                    .isInstanceOf(IllegalArgumentException.class)
                    .message()
                    .doesNotContain("AAAA", encoded.substring(0, 16));
        }
    }

    @Test
    void lineBreaksMayBeWrittenAsTheyAreInAnEnvironmentVariable(Vertx vertx) {
        KeyPair keys = Jws.keysFor("ES256");
        String token = Jws.token("ES256", keys.getPrivate(), "any");
        String pem = Jws.pem(keys.getPublic());
        for (String text : new String[] {pem, pem.replace("\n", "\\n"), pem.replace("\n", "\r\n"), pem.strip()}) {
            assertThat(verified(verifier(vertx, pem(text)), token).owner()).isEqualTo("alice");
        }
    }

    @Test
    void aCertificateGivesItsKey(Vertx vertx) {
        TokenVerifier verifier = verifier(vertx, pem(CERTIFICATE));
        String foreign = Jws.token("ES256", Jws.keysFor("ES256").getPrivate(), "any");
        Verifiers.assertRefused(verifier, foreign, InvalidToken.Reason.SIGNATURE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file:///etc/passwd",
                "ftp://127.0.0.1/x",
                "http:///x",
                "https://user:pw@127.0.0.1/x",
                "/x",
                "http://127.0.0.1:99999/x"
            })
    void otherJwksUrlsAreRefused(String url, Vertx vertx) {
        assertRefused(vertx, Verifiers.jwks(url, Duration.ofMinutes(1)), "http or https");
    }

    @Test
    void theConfigurationShowsNoSecret() {
        String shown = new AccessConfig(
                        Optional.of(Jws.SECRET),
                        Optional.of("key material"),
                        Optional.of(URI.create("https://id.example/keys?api_key=hidden")),
                        Duration.ofMinutes(5),
                        Optional.of("issuer"),
                        Optional.empty())
                .toString();
        assertThat(shown).contains("issuer", "id.example").doesNotContain(Jws.SECRET, "key material", "hidden");
    }

    private static AccessConfig config(Optional<String> secret, Optional<String> pem) {
        return new AccessConfig(
                secret, pem, Optional.empty(), Duration.ofMinutes(5), Optional.empty(), Optional.empty());
    }

    private static void assertRefused(Vertx vertx, AccessConfig config, String message) {
        assertThatThrownBy(() -> await(TokenVerifier.create(vertx, config, Verifiers.FIXED)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }
}
