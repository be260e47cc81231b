package dev.sluice.ingest;

import java.time.Duration;

/**
 * What a fetch may take.
 *
 * @param stallTimeout without a byte for this long, a try has failed
 * @param maxFileSize bytes
 * @param attempts in a row without progress, with a pause between each two; of several sources one may ask each
 * @param firstPause before the second try; doubled before each further one, with jitter
 * @param longestPause upper bound of the doubling
 * @param longestRetryAfter what an upstream may ask for; beyond it the next source is asked
 * @param checkpoint bytes between two points that a later process can go on from, at most; see {@link Partial}
 * @param reserve bytes of the disk that are left free
 * @param leastRange bytes below which no file is cut into ranges
 */
public record FetchLimits(
        Duration stallTimeout,
        long maxFileSize,
        int attempts,
        Duration firstPause,
        Duration longestPause,
        Duration longestRetryAfter,
        long checkpoint,
        long reserve,
        long leastRange) {

    public static FetchLimits of(Duration stallTimeout, long maxFileSize) {
        return new FetchLimits(
                stallTimeout,
                maxFileSize,
                8,
                Duration.ofSeconds(1),
                Duration.ofMinutes(1),
                Duration.ofMinutes(10),
                32L << 20,
                64L << 20,
                16L << 20);
    }
}
