package dev.sluice.http;

/** Which ranges may be served of a representation. */
public enum RangePolicy {
    /** Any: the content has come to rest. */
    ALWAYS,
    /**
     * Only those whose request names the version that it continues: by {@code ?v=}, by a tag in {@code If-Match} or by
     * {@code If-Range}. For content that may still move, so that nobody splices two versions.
     */
    ONLY_WHEN_PINNED
}
