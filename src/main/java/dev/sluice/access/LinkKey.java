package dev.sluice.access;

import javax.crypto.spec.SecretKeySpec;

/**
 * A key that signs links.
 *
 * @param id stands in each link that it signs
 */
public record LinkKey(String id, SecretKeySpec secret) {
    private static final String ALGORITHM = "HmacSHA256";

    public static LinkKey of(String id, byte[] secret) {
        return new LinkKey(id, new SecretKeySpec(secret, ALGORITHM));
    }

    /** Without the secret, so that the record may be logged. */
    @Override
    public String toString() {
        return "LinkKey[" + id + "]";
    }
}
