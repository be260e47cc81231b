package dev.sluice.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A signer of its own, on the JDK alone, so that the verifier is not tested by the library it uses. */
final class Jws {
    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    static final String SECRET = "a secret that is only known to this test, 52 bytes..";

    private Jws() {}

    static String claims(String more) {
        return "{\"sub\":\"alice\",\"exp\":" + (NOW.getEpochSecond() + 600) + more + "}";
    }

    static String hs256(String claims) {
        return sign("HS256", secret("HmacSHA256"), "{\"alg\":\"HS256\"}", claims);
    }

    static Key secret(String hmac) {
        return new SecretKeySpec(SECRET.getBytes(UTF_8), hmac);
    }

    /** A token whose signature is made as {@code algorithm} says, whatever the header says. */
    static String sign(String algorithm, Key key, String header, String claims) {
        String input = base64url(header.getBytes(UTF_8)) + "." + base64url(claims.getBytes(UTF_8));
        return input + "." + base64url(signature(algorithm, key, input.getBytes(UTF_8)));
    }

    static String token(String algorithm, Key key, String keyId) {
        return sign(algorithm, key, "{\"alg\":\"%s\",\"kid\":\"%s\"}".formatted(algorithm, keyId), claims(""));
    }

    static byte[] signature(String algorithm, Key key, byte[] input) {
        try {
            String bits = algorithm.substring(2);
            if (algorithm.startsWith("HS")) {
                Mac mac = Mac.getInstance("HmacSHA" + bits);
                mac.init(key);
                return mac.doFinal(input);
            }
            Signature signature = Signature.getInstance(
                    switch (algorithm.substring(0, 2)) {
                        case "RS" -> "SHA" + bits + "withRSA";
                        case "PS" -> "RSASSA-PSS";
                        case "ES" -> "SHA" + bits + "withECDSAinP1363Format";
                        default -> "Ed25519";
                    });
            if (algorithm.startsWith("PS")) {
                String digest = "SHA-" + bits;
                signature.setParameter(new PSSParameterSpec(
                        digest, "MGF1", new MGF1ParameterSpec(digest), Integer.parseInt(bits) / 8, 1));
            }
            signature.initSign((PrivateKey) key);
            signature.update(input);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static KeyPair keysFor(String algorithm) {
        try {
            return switch (algorithm) {
                case "ES256" -> ec("secp256r1");
                case "ES384" -> ec("secp384r1");
                case "ES512" -> ec("secp521r1");
                case "EdDSA" -> KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
                default -> rsa(2048);
            };
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static KeyPair rsa(int bits) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(bits);
        return generator.generateKeyPair();
    }

    private static KeyPair ec(String curve) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        return generator.generateKeyPair();
    }

    static String pem(PublicKey key) {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }

    /** A JWK; {@code more} is further members, each with a comma before it. */
    static String jwk(PublicKey key, String keyId, String more) {
        String members;
        if (key instanceof RSAPublicKey rsa) {
            members = "\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\""
                    .formatted(unsigned(rsa.getModulus(), 0), unsigned(rsa.getPublicExponent(), 0));
        } else if (key instanceof ECPublicKey ec) {
            int bits = ec.getParams().getCurve().getField().getFieldSize();
            int length = (bits + 7) / 8;
            members = "\"kty\":\"EC\",\"crv\":\"P-%d\",\"x\":\"%s\",\"y\":\"%s\""
                    .formatted(
                            bits,
                            unsigned(ec.getW().getAffineX(), length),
                            unsigned(ec.getW().getAffineY(), length));
        } else {
            byte[] encoded = key.getEncoded();
            members = "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\""
                    .formatted(base64url(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length)));
        }
        return "{\"kid\":\"" + keyId + "\"," + members + more + "}";
    }

    static String base64url(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String unsigned(BigInteger number, int length) {
        byte[] bytes = number.toByteArray();
        byte[] bare = bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes;
        byte[] padded = new byte[Math.max(length, bare.length)];
        System.arraycopy(bare, 0, padded, padded.length - bare.length, bare.length);
        return base64url(padded);
    }
}
