package dev.sluice.storage;

import java.util.Optional;

/**
 * What is known of one state of a file; facts only ever add up.
 *
 * @param crc32 as zip stores it, 0 to 2³²-1
 * @param sha256 64 lower-case hexadecimal digits
 * @param encoding how archives carry it; chosen once and never again
 */
public record ContentFacts(Optional<Long> crc32, Optional<String> sha256, Optional<ContentEncoding> encoding) {
    public static final ContentFacts NONE = new ContentFacts(Optional.empty(), Optional.empty(), Optional.empty());

    public static ContentFacts of(Fingerprint fingerprint) {
        return new ContentFacts(Optional.of(fingerprint.crc32()), Optional.of(fingerprint.sha256()), Optional.empty());
    }

    public static ContentFacts ofCrc32(long crc32) {
        return new ContentFacts(Optional.of(crc32), Optional.empty(), Optional.empty());
    }

    public ContentFacts with(ContentEncoding chosen) {
        return new ContentFacts(crc32, sha256, Optional.of(chosen));
    }

    /** The facts of both; those of this one where both know. */
    public ContentFacts or(ContentFacts others) {
        return new ContentFacts(crc32.or(others::crc32), sha256.or(others::sha256), encoding.or(others::encoding));
    }
}
