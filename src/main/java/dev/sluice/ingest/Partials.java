package dev.sluice.ingest;

import java.io.IOException;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** The directory of unfinished files, {@code {key's digest}-{n}.part}. Every method blocks: worker threads, of any process. */
final class Partials implements AutoCloseable {
    /** More writers than this were never taken for dead one after the other. */
    private static final int MOST_PER_KEY = 64;

    private static final String SUFFIX = ".part";

    private final Path directory;
    private final long checkpointInterval;
    private final Locks locks;

    Partials(Path directory, long checkpointInterval) throws IOException {
        this.directory = Files.createDirectories(directory);
        this.checkpointInterval = checkpointInterval;
        this.locks = new Locks(directory.resolve("locks"));
    }

    Path directory() {
        return directory;
    }

    /** What is there of the file and nobody else writes, or a new one. */
    Partial open(String key) throws IOException {
        for (int number = 0; number < MOST_PER_KEY; number++) {
            Path file = directory.resolve(name(key) + "-" + number + SUFFIX);
            Optional<FileLock> lock = locks.take(file.getFileName().toString());
            if (lock.isPresent()) {
                return Partial.open(file, lock.get(), checkpointInterval);
            }
        }
        throw new IOException("too many writers of one file");
    }

    /** Removes what is there of the file and nobody writes. */
    void remove(String key) throws IOException {
        for (Path part : list(name(key) + "-*")) {
            removeUnlessHeld(part);
        }
    }

    /** Removes what nobody writes and nobody has gone on with since. */
    void collect(Instant before) throws IOException {
        for (Path left : list("*" + SUFFIX + "*")) {
            if (isOlder(left, before)) {
                removeUnlessHeld(left);
            }
        }
    }

    private static boolean isOlder(Path left, Instant before) throws IOException {
        try {
            return Files.getLastModifiedTime(left).toInstant().isBefore(before);
        } catch (NoSuchFileException removed) {
            // By its own writer, just now.
            return false;
        }
    }

    /** @param left the file or one that stands beside it */
    private void removeUnlessHeld(Path left) throws IOException {
        String name = left.getFileName().toString();
        String part = name.substring(0, name.indexOf(SUFFIX) + SUFFIX.length());
        Optional<FileLock> lock = locks.take(part);
        if (lock.isPresent()) {
            try (FileLock held = lock.get()) {
                Files.deleteIfExists(left);
            }
        }
    }

    private List<Path> list(String glob) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(directory, glob)) {
            paths.forEach(found::add);
        }
        return found;
    }

    private static String name(String key) {
        return HexFormat.of().formatHex(Locks.digest(key), 0, 16);
    }

    @Override
    public void close() throws IOException {
        locks.close();
    }
}
