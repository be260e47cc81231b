package dev.sluice.storage;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.READ;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * An open directory whose children are reached through its descriptor ({@code openat}, {@code fstatat}, {@code renameat}), one name
 * at a time and never through a symbolic link, so that renaming what lies above it changes nothing. Two descriptors each.
 *
 * <p>Left over: the JDK cannot open with {@code O_NONBLOCK}, so who swaps a file for a fifo between look and open holds one worker.
 */
final class SecureDirectory implements AutoCloseable {
    private static final int STAT_ATTEMPTS = 8;
    /** To open a name that somebody swaps to and fro. */
    private static final int OPEN_ATTEMPTS = 8;

    private static final Path ITSELF = Path.of(".");

    private final Path path;
    private final SecureDirectoryStream<Path> stream;

    private SecureDirectory(Path path, SecureDirectoryStream<Path> stream) {
        this.path = path;
        this.stream = stream;
    }

    /** Opens a directory of ours: links in {@code trusted} are followed. */
    @SuppressWarnings("StreamResourceLeak") // The directory that is returned owns it.
    static SecureDirectory open(Path trusted) throws IOException {
        DirectoryStream<Path> stream = Files.newDirectoryStream(trusted);
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return new SecureDirectory(trusted, secure);
        }
        stream.close();
        throw new UnsupportedOperationException("this system cannot open files relative to a directory (openat)");
    }

    /** The directory of that name, or empty when there is none: a link to one is none. */
    Optional<SecureDirectory> enter(Path name) throws IOException {
        for (int attempt = 1; ; attempt++) {
            // Looked at first: opening a fifo would block.
            if (stat(name)
                    .filter(stat -> stat.kind() == FileStat.Kind.DIRECTORY)
                    .isEmpty()) {
                return Optional.empty();
            }
            try {
                SecureDirectoryStream<Path> child = stream.newDirectoryStream(name, NOFOLLOW_LINKS);
                return Optional.of(new SecureDirectory(path.resolve(name), child));
            } catch (NoSuchFileException | NotDirectoryException swapped) {
                return Optional.empty();
            } catch (FileSystemException failure) {
                // Swapped for a link since it was looked at, or the disk's own failure: that one comes again.
                if (attempt == OPEN_ATTEMPTS) {
                    throw failure;
                }
            }
        }
    }

    /** The directory that {@code names} lead to from {@code start}, which is closed in every case. */
    static Optional<SecureDirectory> descend(SecureDirectory start, List<Path> names) throws IOException {
        SecureDirectory current = start;
        for (Path name : names) {
            Optional<SecureDirectory> next;
            try (SecureDirectory parent = current) {
                next = parent.enter(name);
            }
            if (next.isEmpty()) {
                return Optional.empty();
            }
            current = next.get();
        }
        return Optional.of(current);
    }

    /**
     * {@code lstat} of a child. The JDK gives inode and change time by path only, so that answer counts only when it is about the
     * very inode that this descriptor reaches; a child that is replaced faster than it can be looked at counts as missing.
     */
    Optional<FileStat> stat(Path name) throws IOException {
        for (int attempt = 0; attempt < STAT_ATTEMPTS; attempt++) {
            try {
                Object reached = stream.getFileAttributeView(name, PosixFileAttributeView.class, NOFOLLOW_LINKS)
                        .readAttributes()
                        .fileKey();
                Map<String, Object> named =
                        Files.readAttributes(path.resolve(name), FileStat.ATTRIBUTES, NOFOLLOW_LINKS);
                if (reached.equals(named.get("fileKey"))) {
                    return Optional.of(FileStat.of(named));
                }
            } catch (NoSuchFileException gone) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** Opens a file for reading; fails on a symbolic link. */
    FileChannel read(Path name) throws IOException {
        return (FileChannel) stream.newByteChannel(name, Set.of(READ, NOFOLLOW_LINKS));
    }

    /** Renames a child, replacing the file or empty directory of that name in {@code target}. */
    void move(Path name, SecureDirectory target, Path newName) throws IOException {
        stream.move(name, target.stream, newName);
    }

    /** Makes names durable. */
    void sync() throws IOException {
        try (FileChannel self = read(ITSELF)) {
            self.force(true);
        }
    }

    /** Names of all children, in no order; once per open directory. */
    Iterable<Path> names() {
        return () -> StreamSupport.stream(stream.spliterator(), false)
                .map(Path::getFileName)
                .iterator();
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
