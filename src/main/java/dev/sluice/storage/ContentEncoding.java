package dev.sluice.storage;

/** How archives carry a content. */
public sealed interface ContentEncoding {
    /** As it is. */
    record Stored() implements ContentEncoding {}

    /** As the raw deflate stream (RFC 1951) that a blob holds. */
    record Deflated(BlobId copy) implements ContentEncoding {}
}
