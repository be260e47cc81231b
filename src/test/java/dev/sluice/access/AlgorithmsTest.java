package dev.sluice.access;

import static dev.sluice.access.Verifiers.assertRefused;
import static dev.sluice.access.Verifiers.await;
import static dev.sluice.access.Verifiers.verified;
import static dev.sluice.access.Verifiers.verifier;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(VertxExtension.class)
class AlgorithmsTest {
    /** The claims of RFC 7515 appendices A.1 to A.3, and their line breaks. */
    private static final String RFC_CLAIMS =
            "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

    @ParameterizedTest
    @ValueSource(strings = {"HS256", "HS384", "HS512"})
    void aSecretVerifiesEveryHmac(String algorithm, Vertx vertx) {
        TokenVerifier verifier = verifier(vertx, Verifiers.secret(Jws.SECRET));
        String token = Jws.token(algorithm, Jws.secret("HmacSHA" + algorithm.substring(2)), "any");

        assertThat(verified(verifier, token).owner()).isEqualTo("alice");
        assertRefused(verifier, withAnotherSignature(token), InvalidToken.Reason.SIGNATURE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
    void aPublicKeyVerifiesItsAlgorithms(String algorithm, Vertx vertx) {
        KeyPair keys = Jws.keysFor(algorithm);
        TokenVerifier verifier = verifier(vertx, Verifiers.pem(Jws.pem(keys.getPublic())));
        String token = Jws.token(algorithm, keys.getPrivate(), "any");

        assertThat(verified(verifier, token).owner()).isEqualTo("alice");
        assertRefused(verifier, withAnotherSignature(token), InvalidToken.Reason.SIGNATURE);
        String foreign = Jws.token(algorithm, Jws.keysFor(algorithm).getPrivate(), "any");
        assertRefused(verifier, foreign, InvalidToken.Reason.SIGNATURE);
    }

    @Test
    void rfc7515AppendixA1() {
        byte[] key = Base64.getUrlDecoder()
                .decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
        assertOnlyThisSignature(
                VerificationKey.secret(key),
                "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + RFC_CLAIMS
                        + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    }

    @Test
    void rfc7515AppendixA2(Vertx vertx) {
        String key = """
                {"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}""";
        assertOnlyThisSignature(
                publicKey(vertx, key),
                "eyJhbGciOiJSUzI1NiJ9." + RFC_CLAIMS
                        + ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw");
    }

    @Test
    void rfc7515AppendixA3(Vertx vertx) {
        String key = """
                {"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}""";
        assertOnlyThisSignature(
                publicKey(vertx, key),
                "eyJhbGciOiJFUzI1NiJ9." + RFC_CLAIMS
                        + ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
    }

    /** The vector's payload is no JSON, so it checks this test's signer, and the same key then signs claims. */
    @Test
    void rfc8037AppendixA4(Vertx vertx) throws Exception {
        PrivateKey signing = KeyFactory.getInstance("Ed25519")
                .generatePrivate(new EdECPrivateKeySpec(
                        NamedParameterSpec.ED25519,
                        Base64.getUrlDecoder().decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")));
        byte[] input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc".getBytes(UTF_8);
        assertThat(Jws.base64url(Jws.signature("EdDSA", signing, input)))
                .isEqualTo("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");

        String key = """
                {"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}""";
        assertOnlyThisSignature(
                publicKey(vertx, key), Jws.sign("EdDSA", signing, "{\"alg\":\"EdDSA\"}", Jws.claims("")));
    }

    @Test
    void ecdsaSignaturesInDerAreRefused(Vertx vertx) throws Exception {
        KeyPair keys = Jws.keysFor("ES256");
        String raw = Jws.token("ES256", keys.getPrivate(), "any");
        String input = raw.substring(0, raw.lastIndexOf('.'));
        java.security.Signature der = java.security.Signature.getInstance("SHA256withECDSA");
        der.initSign(keys.getPrivate());
        der.update(input.getBytes(UTF_8));

        TokenVerifier verifier = verifier(vertx, Verifiers.pem(Jws.pem(keys.getPublic())));
        assertRefused(verifier, input + "." + Jws.base64url(der.sign()), InvalidToken.Reason.SIGNATURE);
    }

    @Test
    void ecdsaSignaturesOfZerosAreRefused(Vertx vertx) {
        KeyPair keys = Jws.keysFor("ES256");
        String raw = Jws.token("ES256", keys.getPrivate(), "any");
        TokenVerifier verifier = verifier(vertx, Verifiers.pem(Jws.pem(keys.getPublic())));

        String forged = raw.substring(0, raw.lastIndexOf('.') + 1) + Jws.base64url(new byte[64]);
        assertRefused(verifier, forged, InvalidToken.Reason.SIGNATURE);
    }

    private static VerificationKey publicKey(Vertx vertx, String jwk) {
        ObjectNode json = StrictJson.object(jwk.getBytes(UTF_8)).orElseThrow();
        return VerificationKey.of(vertx, json);
    }

    private static void assertOnlyThisSignature(VerificationKey key, String token) {
        await(key.verify(CompactToken.parse(token)));
        CompactToken changed = CompactToken.parse(withAnotherSignature(token));
        assertThatThrownBy(() -> await(key.verify(changed))).isInstanceOf(InvalidToken.class);
    }

    private static String withAnotherSignature(String token) {
        int signature = token.lastIndexOf('.') + 1;
        byte[] bytes = Base64.getUrlDecoder().decode(token.substring(signature));
        bytes[bytes.length / 2] ^= 1;
        return token.substring(0, signature) + Jws.base64url(bytes);
    }
}
