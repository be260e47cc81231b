package dev.sluice.archive;

import java.time.Instant;

/**
 * One file or directory of an archive: all that its bytes depend on, but for its content and that content's CRC-32.
 *
 * @param size bytes uncompressed
 * @param storedSize bytes in the archive; equal to {@code size} unless deflated
 * @param mode Unix permission bits, at most {@code 07777}
 */
public record Entry(
        EntryName name, Kind kind, Encoding encoding, long size, long storedSize, Instant modified, int mode) {
    public enum Kind {
        FILE,
        DIRECTORY
    }

    public enum Encoding {
        STORED,
        /** Raw deflate (RFC 1951), without zlib's or gzip's frame. */
        DEFLATED
    }

    public Entry {
        if (size < 0 || storedSize < 0) {
            throw new IllegalArgumentException("negative size of " + name);
        }
        if (encoding == Encoding.STORED && size != storedSize) {
            throw new IllegalArgumentException(name + " is stored as " + storedSize + " bytes but has " + size);
        }
        if (encoding == Encoding.DEFLATED && storedSize == 0) {
            throw new IllegalArgumentException("no deflate stream is empty: " + name);
        }
        if (kind == Kind.DIRECTORY && (encoding != Encoding.STORED || size != 0)) {
            throw new IllegalArgumentException("directory with content: " + name);
        }
        if ((mode & ~07777) != 0) {
            throw new IllegalArgumentException("not permission bits: " + Integer.toOctalString(mode));
        }
    }

    public static Entry stored(EntryName name, long size, Instant modified, int mode) {
        return new Entry(name, Kind.FILE, Encoding.STORED, size, size, modified, mode);
    }

    public static Entry deflated(EntryName name, long size, long storedSize, Instant modified, int mode) {
        return new Entry(name, Kind.FILE, Encoding.DEFLATED, size, storedSize, modified, mode);
    }

    public static Entry directory(EntryName name, Instant modified, int mode) {
        return new Entry(name, Kind.DIRECTORY, Encoding.STORED, 0, 0, modified, mode);
    }

    /** Whether the CRC-32 is that of no bytes, 0, and need not be asked for. */
    public boolean isEmpty() {
        return size == 0;
    }

    boolean isDirectory() {
        return kind == Kind.DIRECTORY;
    }
}
