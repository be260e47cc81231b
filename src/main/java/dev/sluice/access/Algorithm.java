package dev.sluice.access;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** The JWS algorithms that are accepted (RFC 7518 section 3.1, RFC 8037 section 3.1), each bound to one kind of key. */
enum Algorithm {
    HS256("HS256", "oct", "", 32),
    HS384("HS384", "oct", "", 48),
    HS512("HS512", "oct", "", 64),
    RS256("RS256", "RSA", "", 0),
    RS384("RS384", "RSA", "", 0),
    RS512("RS512", "RSA", "", 0),
    PS256("PS256", "RSA", "", 0),
    PS384("PS384", "RSA", "", 0),
    PS512("PS512", "RSA", "", 0),
    ES256("ES256", "EC", "P-256", 64),
    ES384("ES384", "EC", "P-384", 96),
    ES512("ES512", "EC", "P-521", 132),
    EDDSA("EdDSA", "OKP", "Ed25519", 64);

    private final String value;
    private final String keyType;
    private final String curve;
    private final int signatureLength;

    Algorithm(String value, String keyType, String curve, int signatureLength) {
        this.value = value;
        this.keyType = keyType;
        this.curve = curve;
        this.signatureLength = signatureLength;
    }

    /** As in a token's {@code alg} header, which is case-sensitive. */
    String value() {
        return value;
    }

    /**
     * Whether a signature may have this many bytes. For ECDSA it keeps DER out, which the verifier below would take as
     * well as the r and s that RFC 7518 section 3.4 asks for. RSA's length is its modulus', checked by the verifier.
     */
    boolean mayHaveSignatureOf(int bytes) {
        return signatureLength == 0 || signatureLength == bytes;
    }

    /** The JDK's name of this HMAC. Throws {@link IllegalStateException} of an algorithm that is none. */
    String macName() {
        if (!keyType.equals("oct")) {
            throw new IllegalStateException(value + " is no HMAC");
        }
        return "HmacSHA" + value.substring("HS".length());
    }

    static Optional<Algorithm> of(String value) {
        return Arrays.stream(values())
                .filter(algorithm -> algorithm.value.equals(value))
                .findFirst();
    }

    /** What a key of this type and curve may be used for; the curve is empty for types that have none. */
    static Set<Algorithm> fitting(String keyType, String curve) {
        Set<Algorithm> fitting = EnumSet.noneOf(Algorithm.class);
        for (Algorithm algorithm : values()) {
            if (algorithm.keyType.equals(keyType) && algorithm.curve.equals(curve)) {
                fitting.add(algorithm);
            }
        }
        return fitting;
    }
}
