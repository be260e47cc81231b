package dev.sluice.http;

/**
 * A range of bytes within a representation (RFC 9110 §14.1.2).
 *
 * @param first zero-based position of the first byte
 * @param last  position of the last byte, inclusive
 */
public record ByteRange(long first, long last) {
    public ByteRange {
        // The last position of all leaves room for a length that is a long.
        if (first < 0 || last < first || last == Long.MAX_VALUE) {
            throw new IllegalArgumentException("no range: " + first + "-" + last);
        }
    }

    /** Bytes in this range, at least 1. */
    public long length() {
        return last - first + 1;
    }

    /**
     * The {@code Content-Range} of a 206 (RFC 9110 §14.4).
     *
     * @param total bytes of the whole representation
     */
    public String contentRange(long total) {
        return "bytes " + first + "-" + last + "/" + total;
    }

    /** The {@code Content-Range} of a 416 (RFC 9110 §14.4). */
    static String unsatisfied(long total) {
        return "bytes */" + total;
    }
}
