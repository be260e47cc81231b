package dev.sluice.metrics;

import java.util.Locale;

/** Downloads that can be compared with each other, by the bytes of their bodies. */
public enum SizeClass {
    /** Under 100 MB. */
    SMALL,
    /** Up to 1 GB. */
    MEDIUM,
    LARGE;

    private static final long MEDIUM_FROM = 100_000_000;
    private static final long LARGE_ABOVE = 1_000_000_000;

    public static SizeClass of(long bytes) {
        if (bytes < MEDIUM_FROM) {
            return SMALL;
        }
        return bytes <= LARGE_ABOVE ? MEDIUM : LARGE;
    }

    /** The value of the label. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
