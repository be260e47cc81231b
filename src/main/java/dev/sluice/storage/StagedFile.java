package dev.sluice.storage;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;

/** A file that nobody else knows yet. Held open from its creation on, so that a write-back error reaches our own fsync. */
final class StagedFile {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Path path;
    private final FileChannel channel;
    private final ContentHasher hasher;

    private StagedFile(Path path, FileChannel channel, ContentHasher hasher) {
        this.path = path;
        this.channel = channel;
        this.hasher = hasher;
    }

    static StagedFile create(Path directory, ContentHasher hasher) throws IOException {
        Path path = directory.resolve(randomName());
        try {
            return new StagedFile(path, FileChannel.open(path, CREATE_NEW, READ, WRITE), hasher);
        } catch (IOException failure) {
            throw StorageFull.orCause(failure, directory);
        }
    }

    static String randomName() {
        byte[] name = new byte[16];
        RANDOM.nextBytes(name);
        return HexFormat.of().formatHex(name);
    }

    Path path() {
        return path;
    }

    Path name() {
        return path.getFileName();
    }

    /** Before it is renamed. */
    long inode() throws IOException {
        return (long) Files.getAttribute(path, "unix:ino", NOFOLLOW_LINKS);
    }

    ContentHasher hasher() {
        return hasher;
    }

    void write(ByteBuffer bytes) throws IOException {
        hasher.update(bytes);
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException failure) {
            throw StorageFull.orCause(failure, path);
        }
    }

    /**
     * Makes the bytes durable; they must be all that were hashed. A failed fsync is final: the kernel has dropped the dirty pages,
     * and a second one would report success.
     */
    void sync() throws IOException {
        requireWhole();
        try {
            channel.force(true);
        } catch (IOException failure) {
            throw StorageFull.orCause(failure, path);
        }
    }

    void requireWhole() throws IOException {
        if (channel.size() != hasher.size()) {
            throw new ContentChanged("staged " + channel.size() + " bytes but hashed " + hasher.size());
        }
    }

    /** After the file was renamed. */
    void close() throws IOException {
        channel.close();
    }

    void discard() throws IOException {
        try (channel) {
            Files.deleteIfExists(path);
        }
    }

    /** The last step of a commit; when it fails, nothing stays staged. */
    <T> T orDiscard(Publication<T> step) throws IOException {
        try {
            return step.publish();
        } catch (IOException | RuntimeException failure) {
            try {
                discard();
            } catch (IOException left) {
                failure.addSuppressed(left);
            }
            throw failure;
        }
    }

    interface Publication<T> {
        T publish() throws IOException;
    }
}
