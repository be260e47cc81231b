package dev.sluice.cache;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Tells what recurs from what comes once, so that a cache is not filled with what nobody asks for again: its upkeep, and a garbage
 * collector that moves all of it, cost more than a miss (the doorkeeper of Einziger, Friedman and Manes, "TinyLFU", 2017, §3.4.2;
 * here of the last thousands only, and without a reset). Any thread.
 */
public final class Doorkeeper<K> {
    /** A power of two. */
    private static final int BUCKETS = 2048;

    /** Of a key's hash. A bucket has the last four that fell into it, the latest lowest. */
    private static final int FINGERPRINT_BITS = 16;

    private static final long FINGERPRINT = (1 << FINGERPRINT_BITS) - 1;

    private final AtomicLongArray buckets = new AtomicLongArray(BUCKETS);

    /**
     * Whether the key was asked about before, lately; from now on it was. True of one key in thousands that was not, and false when
     * another thread overwrites what this one wrote: so good for a guess, and for nothing else.
     */
    public boolean recurs(K key) {
        // Fibonacci hashing: keys that differ little fall far from each other.
        long mixed = key.hashCode() * 0x9E3779B97F4A7C15L;
        int bucket = (int) (mixed >>> 32) & BUCKETS - 1;
        // Never 0, which an empty bucket has.
        long fingerprint = mixed >>> (Long.SIZE - FINGERPRINT_BITS) | 1;
        long known = buckets.getOpaque(bucket);
        for (long left = known; left != 0; left >>>= FINGERPRINT_BITS) {
            if ((left & FINGERPRINT) == fingerprint) {
                return true;
            }
        }
        buckets.setOpaque(bucket, known << FINGERPRINT_BITS | fingerprint);
        return false;
    }
}
