package dev.sluice.storage;

import java.time.Duration;
import java.time.Instant;

/**
 * What tells one state of a file from another without reading it, as {@code lstat} gives it. The device is left out: it differs
 * between replicas that mount the same volume.
 *
 * <p>Limits: clocks of file systems are coarse (a few milliseconds), so two writes of equal length within one tick look the same;
 * nothing that {@link #isYoung} should be remembered by its identity.
 *
 * @param size bytes
 * @param modifiedNanos last modification of the content, nanoseconds since the epoch
 * @param changedNanos last change of the inode (content, mode, links), nanoseconds since the epoch; a program cannot set it
 * @param inode the file's number on its file system
 */
public record FileIdentity(long size, long modifiedNanos, long changedNanos, long inode) {
    private static final Duration SETTLED = Duration.ofSeconds(2);

    /** How far the clocks of a file server and of this machine may differ. */
    private static final Duration SKEW = Duration.ofMinutes(1);

    /**
     * Whether the next change may leave no trace, for the last one is too near. One that lies far ahead was made before the clock
     * was set back: whatever comes now has another time.
     */
    public boolean isYoung(Instant now) {
        Duration age = Duration.between(Instant.ofEpochSecond(0, changedNanos), now);
        return age.compareTo(SETTLED) <= 0 && age.compareTo(SKEW.negated()) > 0;
    }

    /**
     * Whether the first {@code earlier.size()} bytes may still be taken for those of {@code earlier}: nothing differs, or the same
     * inode became longer and neither of its times went back. Anything else is a change: another inode (renamed over), fewer bytes
     * (truncated), or as many bytes with another time (rewritten in place; also touched or re-linked, which cannot be told from a
     * rewrite whose modification time was set back). Growth together with an overwrite inside the old length cannot be seen; nor,
     * until the file is open, that it was replaced twice and a longer one has been given its inode.
     */
    public boolean continues(FileIdentity earlier) {
        return equals(earlier) || grewFrom(earlier);
    }

    private boolean grewFrom(FileIdentity earlier) {
        return inode == earlier.inode
                && size > earlier.size
                && modifiedNanos >= earlier.modifiedNanos
                && changedNanos >= earlier.changedNanos;
    }
}
