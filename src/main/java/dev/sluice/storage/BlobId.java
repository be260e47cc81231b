package dev.sluice.storage;

import java.util.regex.Pattern;

/**
 * The name of content by its content.
 *
 * @param sha256 64 lower-case hexadecimal digits
 * @param size bytes
 */
public record BlobId(String sha256, long size) {
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    public BlobId {
        if (!isSha256(sha256) || size < 0) {
            throw new IllegalArgumentException("not a blob: " + sha256 + ", " + size + " bytes");
        }
    }

    public static BlobId of(Fingerprint fingerprint) {
        return new BlobId(fingerprint.sha256(), fingerprint.size());
    }

    static boolean isSha256(String text) {
        return SHA256.matcher(text).matches();
    }
}
