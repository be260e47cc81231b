package dev.sluice.access;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What a secret signs (RFC 2104), with the hash that its key names. Any thread. */
final class Hmac {
    private Hmac() {}

    static byte[] of(SecretKeySpec key, byte[] message) {
        try {
            Mac mac = Mac.getInstance(key.getAlgorithm());
            mac.init(key);
            return mac.doFinal(message);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** In a time that does not tell how much of it is right. */
    static boolean isOf(SecretKeySpec key, byte[] message, byte[] claimed) {
        return MessageDigest.isEqual(of(key, message), claimed);
    }
}
