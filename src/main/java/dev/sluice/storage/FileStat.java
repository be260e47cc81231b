package dev.sluice.storage;

import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** What {@code lstat} says. */
record FileStat(Kind kind, FileIdentity identity, Instant modified, int mode) {
    static final String ATTRIBUTES = "unix:fileKey,ino,mode,size,lastModifiedTime,ctime";

    /** The type bits of {@code st_mode}, see inode(7). */
    private static final int TYPE_MASK = 0170000;

    enum Kind {
        FILE,
        DIRECTORY,
        /** Symbolic links, devices, fifos, sockets: never followed, opened or served. */
        OTHER
    }

    static FileStat of(Map<String, Object> attributes) {
        int mode = (int) value(attributes, "mode");
        FileTime modified = (FileTime) value(attributes, "lastModifiedTime");
        FileTime changed = (FileTime) value(attributes, "ctime");
        FileIdentity identity = new FileIdentity(
                (long) value(attributes, "size"),
                modified.to(TimeUnit.NANOSECONDS),
                changed.to(TimeUnit.NANOSECONDS),
                (long) value(attributes, "ino"));
        return new FileStat(kind(mode), identity, modified.toInstant(), mode & 07777);
    }

    LiveFile file(String jobId, String path) {
        return new LiveFile(jobId, path, identity, mode);
    }

    private static Kind kind(int mode) {
        return switch (mode & TYPE_MASK) {
            case 0100000 -> Kind.FILE;
            case 0040000 -> Kind.DIRECTORY;
            default -> Kind.OTHER;
        };
    }

    private static Object value(Map<String, Object> attributes, String name) {
        return Objects.requireNonNull(attributes.get(name), name);
    }
}
