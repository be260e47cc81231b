package dev.sluice.catalog;

import java.util.Locale;

/** Where a download of a catalog model stands. */
enum DownloadStatus {
    QUEUED,
    DOWNLOADING,
    VERIFYING,
    COMPLETED,
    FAILED,
    CANCELLED;

    static DownloadStatus labelled(String label) {
        return valueOf(label.toUpperCase(Locale.ROOT));
    }

    /** As stored and told. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    boolean terminal() {
        return this == COMPLETED || this == FAILED || this == CANCELLED;
    }
}
