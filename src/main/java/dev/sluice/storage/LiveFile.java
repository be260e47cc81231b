package dev.sluice.storage;

import java.time.Instant;

/**
 * A regular file of a job's workspace as it was when it was looked at.
 *
 * @param jobId the job it belongs to
 * @param path relative to the job's directory, as on disk, parts separated by {@code /}
 * @param mode permission bits (07777)
 */
public record LiveFile(String jobId, String path, FileIdentity identity, int mode) {
    /** Bytes. */
    public long size() {
        return identity.size();
    }

    public Instant modified() {
        long nanos = identity.modifiedNanos();
        return Instant.ofEpochSecond(Math.floorDiv(nanos, 1_000_000_000L), Math.floorMod(nanos, 1_000_000_000L));
    }
}
