package dev.sluice.storage;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** CRC-32 and SHA-256, on request SHA-512, of bytes as they pass. Any thread, one at a time. */
public final class ContentHasher {
    private final CRC32 crc32 = new CRC32();
    private final MessageDigest sha256 = digest("SHA-256");
    private final @Nullable MessageDigest sha512;
    private long size;
    private @Nullable Fingerprint result;

    /** CRC-32 and SHA-256 only. */
    public ContentHasher() {
        this(false);
    }

    public ContentHasher(boolean withSha512) {
        this.sha512 = withSha512 ? digest("SHA-512") : null;
    }

    /** Takes the bytes between position and limit, and leaves the buffer as it was. */
    public void update(ByteBuffer bytes) {
        if (result != null) {
            throw new IllegalStateException("content after its end");
        }
        size += bytes.remaining();
        crc32.update(bytes.duplicate());
        sha256.update(bytes.duplicate());
        if (sha512 != null) {
            sha512.update(bytes.duplicate());
        }
    }

    /** Bytes so far. */
    public long size() {
        return size;
    }

    /** The fingerprint of all bytes; none can follow. Asking again gives the same. */
    public Fingerprint finish() {
        if (result == null) {
            result = new Fingerprint(
                    size, crc32.getValue(), hex(sha256), sha512 == null ? Optional.empty() : Optional.of(hex(sha512)));
        }
        return result;
    }

    private static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
