package dev.sluice.metrics;

import java.util.Locale;

/** How a transfer ended, as the records and meters call it. */
public enum Outcome {
    COMPLETED,
    /** The client left, or its connection broke. */
    CLIENT_LEFT,
    /** The client was sent on to the store, so what it got is not known here. */
    REDIRECTED,
    /** The content changed under the transfer, or could not be read. */
    CONTENT_FAILED,
    /** No byte moved for the stall timeout. */
    STALLED,
    /** The server stopped before the transfer had ended. */
    DRAINED;

    /** The value of the label. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
