package dev.sluice.delivery;

import dev.sluice.http.EntityTag;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/**
 * A strong entity tag (RFC 9110 §8.8.3) made of everything that decides the bytes. Fields are length-prefixed, so that no
 * two lists of fields run into the same bytes.
 */
final class ContentTag {
    /** Half of SHA-256 is beyond accident, and tags stand in URLs. */
    private static final int BYTES = 16;

    private final MessageDigest digest;

    /** @param form the kind of representation and the version of its layout: both change the bytes */
    ContentTag(String form) {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
        add(form);
    }

    ContentTag add(String field) {
        byte[] bytes = field.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
        digest.update(bytes);
        return this;
    }

    ContentTag add(long field) {
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(field).flip());
        return this;
    }

    EntityTag tag() {
        byte[] half = Arrays.copyOf(digest.digest(), BYTES);
        return EntityTag.strong(Base64.getUrlEncoder().withoutPadding().encodeToString(half));
    }
}
