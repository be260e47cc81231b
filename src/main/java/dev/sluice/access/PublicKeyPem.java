package dev.sluice.access;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A public key in PEM (RFC 7468 section 13) or the key of a certificate (section 5), as a JWK. */
final class PublicKeyPem {
    private static final Pattern BLOCK =
            Pattern.compile("\\s*-----BEGIN (PUBLIC KEY|CERTIFICATE)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----\\s*");
    private static final int ED25519_BYTES = 32;

    private PublicKeyPem() {}

    /** Throws {@link IllegalArgumentException}, without the text, unless it is exactly one public key. */
    static ObjectNode jwk(String pem) {
        // An environment variable often carries its line breaks as two characters.
        Matcher block = BLOCK.matcher(pem.replace("\\n", "\n"));
        if (!block.matches()) {
            throw new IllegalArgumentException("expected one PEM block, PUBLIC KEY or CERTIFICATE");
        }
        byte[] der = Base64.getMimeDecoder().decode(block.group(2));
        PublicKey key = block.group(1).equals("CERTIFICATE") ? ofCertificate(der) : ofSubjectPublicKeyInfo(der);
        if (key instanceof RSAPublicKey rsa) {
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("kty", "RSA")
                    .put("n", base64url(rsa.getModulus()))
                    .put("e", base64url(rsa.getPublicExponent()));
        }
        if (key instanceof ECPublicKey ec) {
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("kty", "EC")
                    .put("crv", curve(ec))
                    .put("x", base64url(ec.getW().getAffineX()))
                    .put("y", base64url(ec.getW().getAffineY()));
        }
        if (key instanceof EdECPublicKey edwards) {
            // RFC 8410 section 4: the raw key is what ends the SubjectPublicKeyInfo.
            byte[] encoded = key.getEncoded();
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("kty", "OKP")
                    .put("crv", edwards.getParams().getName())
                    .put("x", base64url(Arrays.copyOfRange(encoded, encoded.length - ED25519_BYTES, encoded.length)));
        }
        throw new IllegalArgumentException("a public key of a type that signs no tokens");
    }

    private static PublicKey ofCertificate(byte[] der) {
        try {
            return CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(der))
                    .getPublicKey();
        } catch (CertificateException e) {
            throw new IllegalArgumentException("a certificate that cannot be read", e);
        }
    }

    private static PublicKey ofSubjectPublicKeyInfo(byte[] der) {
        return Stream.of("RSA", "EC", "EdDSA")
                .flatMap(type -> read(type, der).stream())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("a public key that cannot be read"));
    }

    /** Empty when the key is of another type, which only the factories can tell. */
    private static Optional<PublicKey> read(String type, byte[] der) {
        try {
            return Optional.of(KeyFactory.getInstance(type).generatePublic(new X509EncodedKeySpec(der)));
        } catch (InvalidKeySpecException e) {
            return Optional.empty();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String curve(ECPublicKey key) {
        return switch (key.getParams().getCurve().getField().getFieldSize()) {
            case 256 -> "P-256";
            case 384 -> "P-384";
            case 521 -> "P-521";
            default -> throw new IllegalArgumentException("an elliptic curve that signs no tokens");
        };
    }

    private static String base64url(BigInteger number) {
        byte[] bytes = number.toByteArray();
        return base64url(bytes.length > 1 && bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes);
    }

    private static String base64url(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
