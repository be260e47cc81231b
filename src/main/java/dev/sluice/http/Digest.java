package dev.sluice.http;

import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;

/**
 * The digest of some content, as a value that can be compared and sent (RFC 9530).
 *
 * @param base64 padded; its bytes are as many as the algorithm makes
 */
public record Digest(Algorithm algorithm, String base64) {
    /** The algorithms that RFC 9530 §7.2 registers as active. */
    public enum Algorithm {
        SHA_256("sha-256", "SHA-256", 32),
        SHA_512("sha-512", "SHA-512", 64);

        private final String key;
        private final String javaName;
        private final int length;

        Algorithm(String key, String javaName, int length) {
            this.key = key;
            this.javaName = javaName;
            this.length = length;
        }

        /** Its key in digest fields. */
        public String key() {
            return key;
        }

        /** Its name for {@link MessageDigest#getInstance(String)}. */
        public String javaName() {
            return javaName;
        }

        /** The algorithm that a key names exactly: keys are lower case (RFC 9651 §3.1.2). */
        static Optional<Algorithm> of(String key) {
            for (Algorithm algorithm : values()) {
                if (algorithm.key.equals(key)) {
                    return Optional.of(algorithm);
                }
            }
            return Optional.empty();
        }
    }

    public Digest {
        byte[] bytes = Base64.getDecoder().decode(base64);
        if (bytes.length != algorithm.length) {
            throw new IllegalArgumentException(algorithm.key + " has no " + bytes.length + " bytes");
        }
        // Parsers shall accept missing padding (RFC 9651 §4.2.7); equal digests shall be equal values.
        base64 = Base64.getEncoder().encodeToString(bytes);
    }

    public static Digest of(Algorithm algorithm, byte[] bytes) {
        return new Digest(algorithm, Base64.getEncoder().encodeToString(bytes));
    }

    public byte[] bytes() {
        return Base64.getDecoder().decode(base64);
    }

    /** Whether the computed bytes are these. */
    public boolean matches(byte[] computed) {
        return MessageDigest.isEqual(bytes(), computed);
    }

    /** The value of {@code Repr-Digest} or {@code Content-Digest}: {@code sha-256=:…:} (RFC 9530 §2, §3). */
    public String field() {
        return algorithm.key + "=:" + base64 + ':';
    }

    /** The value of the older {@code Digest}: {@code sha-256=…} (RFC 3230 §4.3.2). */
    public String legacyField() {
        return algorithm.key + '=' + base64;
    }

    /** The digest that text in a field stands for; empty when it is not base64 or of the wrong length. */
    static Optional<Digest> parse(Algorithm algorithm, String base64) {
        try {
            return Optional.of(new Digest(algorithm, base64));
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }
}
