package dev.sluice.models;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * How long what has failed is left alone: twice as long after each failure, and never the same for all who failed together.
 *
 * @param first bound after one failure
 * @param longest bound of the doubling
 */
record Backoff(Duration first, Duration longest) {
    private static final int MOST_DOUBLINGS = 20;

    /**
     * Between half of the bound and all of it.
     *
     * @param failures from 1 on
     * @param jitter 0 to 1
     */
    Duration after(int failures, DoubleSupplier jitter) {
        long doubled = first.toMillis() << Math.min(MOST_DOUBLINGS, failures - 1);
        long bound = Math.min(longest.toMillis(), doubled);
        return Duration.ofMillis((long) (bound * (1 + jitter.getAsDouble()) / 2));
    }
}
