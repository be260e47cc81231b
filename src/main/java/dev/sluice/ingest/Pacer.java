package dev.sluice.ingest;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/** Holds a fetch to its bandwidth, over all its connections. Event loop. */
final class Pacer {
    private static final double NANOS = 1e9;

    private final OptionalLong bytesPerSecond;
    private final LongSupplier nanos;
    private long due;

    Pacer(OptionalLong bytesPerSecond, LongSupplier nanos) {
        this.bytesPerSecond = bytesPerSecond;
        this.nanos = nanos;
        this.due = nanos.getAsLong();
    }

    boolean limited() {
        return bytesPerSecond.isPresent();
    }

    /** How long to read nothing after these bytes. */
    Duration after(long bytes) {
        if (bytesPerSecond.isEmpty()) {
            return Duration.ZERO;
        }
        long now = nanos.getAsLong();
        // Time that was not used is not saved up.
        due = Math.max(due, now) + (long) (bytes * NANOS / bytesPerSecond.getAsLong());
        return Duration.ofNanos(due - now);
    }
}
