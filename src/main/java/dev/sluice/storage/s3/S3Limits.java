package dev.sluice.storage.s3;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long the store is waited for, and how large pieces are.
 *
 * @param answer from the end of a request to the answer
 * @param upload from the begin of a part to the answer
 * @param silence a body that is wanted and does not come for so long has broken off
 * @param attempts in all, before it is given up; a body that gets on begins to count again
 * @param firstPause before the second attempt; doubled before each further one
 * @param partSize of uploads, in bytes; larger ones when there would be too many
 * @param copySize most bytes that the store copies in one request
 * @param page of a list, in names
 */
record S3Limits(
        Duration connect,
        Duration answer,
        Duration upload,
        Duration silence,
        int attempts,
        Duration firstPause,
        long partSize,
        long copySize,
        int page) {
    /** The API's: parts of one upload. */
    private static final int MOST_PARTS = 10_000;

    static final S3Limits USUAL = new S3Limits(
            Duration.ofSeconds(5),
            Duration.ofSeconds(15),
            Duration.ofMinutes(5),
            Duration.ofSeconds(10),
            5,
            Duration.ofMillis(100),
            16L << 20,
            1L << 30,
            1_000);

    /** Half of it is chance, so that those who were refused together do not come back together. */
    Duration pause(int attemptsMade) {
        double longest = firstPause.toMillis() * Math.pow(2, attemptsMade - 1);
        return Duration.ofMillis(Math.max(
                1, Math.round(longest * (0.5 + ThreadLocalRandom.current().nextDouble() / 2))));
    }

    /** Of an object of this size. */
    long partSize(long size, long least) {
        return Math.max(least, (size + MOST_PARTS - 1) / MOST_PARTS);
    }
}
