package dev.sluice.ingest;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Exclusive names, among all processes that share the directory (over a network file system that has POSIX locks, also of other
 * machines). A lock ends with its process, not with its being stopped, as a lease does.
 *
 * <p>Each name locks one byte of one file, which this process opens once and never closes before the end: POSIX drops all locks
 * of a process on a file as soon as it closes any descriptor of it.
 */
final class Locks implements AutoCloseable {
    private final FileChannel channel;

    Locks(Path file) throws IOException {
        this.channel = FileChannel.open(file, CREATE, WRITE);
    }

    /** Empty when another has it. */
    Optional<FileLock> take(String name) throws IOException {
        long slot = ByteBuffer.wrap(digest(name)).getLong() & (Long.MAX_VALUE >> 1);
        try {
            @Nullable FileLock lock = channel.tryLock(slot, 1, false);
            return Optional.ofNullable(lock);
        } catch (OverlappingFileLockException ownProcess) {
            return Optional.empty();
        }
    }

    static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
