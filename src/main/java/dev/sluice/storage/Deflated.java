package dev.sluice.storage;

/**
 * A content and the raw deflate stream (RFC 1951) it became.
 *
 * @param content of the bytes that were read
 * @param stream of the bytes that were written
 */
public record Deflated(Fingerprint content, Fingerprint stream) {}
