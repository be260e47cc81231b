package dev.sluice.delivery;

import java.util.Locale;

/**
 * What work takes most of. Each class has its own bound and its own share for an owner, so that much work of one class never
 * stands in the way of another.
 */
enum CostClass {
    /** Sending what is ready to be sent: a connection and the page cache. */
    STREAM("downloads", 16),
    /** Reading content to deflate it or to know its checksum: processors and disks. What waits for the same work is one. */
    READ("archives being read", Integer.MAX_VALUE),
    /** Taking content in: a connection and the disk. */
    INGEST("uploads", 1);

    private final String described;
    private final int sharers;

    CostClass(String described, int sharers) {
        this.described = described;
        this.sharers = sharers;
    }

    /** As a client reads it, after "as many". */
    String described() {
        return described;
    }

    /** Requests for the same that one permit carries. */
    int sharers() {
        return sharers;
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
