package dev.sluice.access;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** What a token is remembered by, so that the token itself is kept nowhere: its SHA-256. Any thread. */
final class TokenDigest {
    private final byte[] sha256;
    /** Four bytes of it are as good as any. */
    private final int hash;

    private TokenDigest(byte[] sha256) {
        this.sha256 = sha256;
        this.hash = ByteBuffer.wrap(sha256).getInt();
    }

    static TokenDigest of(String token) {
        try {
            return new TokenDigest(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TokenDigest digest && Arrays.equals(sha256, digest.sha256);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
