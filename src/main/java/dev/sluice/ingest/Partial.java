package dev.sluice.ingest;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.sluice.storage.ContentHasher;
import dev.sluice.storage.Fingerprint;
import dev.sluice.storage.StorageFull;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A file on its way, and beside it what it takes to go on with it. Bytes become durable first, then the record that counts them, so
 * that after a crash the record never promises too much; what lies beyond it is cut off. Bytes are hashed as they come in order; what
 * did not pass the hasher is read back, once, at the end or when a later process takes over.
 *
 * <p>Exclusive: the file is locked while it is open, so a writer that was taken for dead cannot write between another's bytes.
 *
 * <p>Every method blocks: worker threads. Several may write at a time, each its own segment; nothing else may run meanwhile.
 */
final class Partial implements AutoCloseable {
    /** Of little, much must not be lost: the next one comes when there is twice as much. Bytes. */
    private static final long FIRST_CHECKPOINT = 1 << 20;

    private static final int PIECE = 1 << 20;

    private final Path file;
    private final PartialRecord record;
    private final FileChannel channel;
    private final FileLock lock;
    private final long checkpointInterval;
    private ContentHasher hasher = new ContentHasher();
    private @Nullable Origin origin;
    private List<Segment> segments = List.of();
    private long sinceCheckpoint;

    private Partial(Path file, FileChannel channel, FileLock lock, long checkpointInterval) {
        this.file = file;
        this.record = PartialRecord.beside(file);
        this.channel = channel;
        this.lock = lock;
        this.checkpointInterval = checkpointInterval;
    }

    /**
     * Opens or creates the file.
     *
     * @param lock of its name, held by the caller; released when the partial ends, or here on failure
     */
    static Partial open(Path file, FileLock lock, long checkpointInterval) throws IOException {
        try {
            FileChannel channel = FileChannel.open(file, CREATE, READ, WRITE);
            try {
                Partial partial = new Partial(file, channel, lock, checkpointInterval);
                partial.restore();
                return partial;
            } catch (IOException | RuntimeException failure) {
                channel.close();
                throw failure;
            }
        } catch (IOException failure) {
            lock.release();
            throw StorageFull.orCause(failure, file);
        } catch (RuntimeException failure) {
            lock.release();
            throw failure;
        }
    }

    private void restore() throws IOException {
        Optional<Origin.Checkpoint> kept = record.read();
        if (kept.isEmpty() || !kept.get().fits(channel.size())) {
            forget();
            return;
        }
        origin = kept.get().origin();
        segments = kept.get().segments();
        hashUpTo(segments.get(0).position());
    }

    Path file() {
        return file;
    }

    /** Of the bytes that are here; empty while nothing is. */
    Optional<Origin> origin() {
        return Optional.ofNullable(origin);
    }

    List<Segment> segments() {
        return segments;
    }

    /** Bytes that are here. Any thread. */
    long bytes() {
        return segments.stream()
                .mapToLong(segment -> segment.position() - segment.start())
                .sum();
    }

    boolean complete() {
        return !segments.isEmpty() && segments.stream().allMatch(Segment::complete);
    }

    /** Whether the rest can be asked for, by a later process too. */
    boolean resumable() {
        return origin != null && origin.resumable() && bytes() > 0;
    }

    /** Begins anew, with bytes of another origin. */
    void restart(Origin from, List<Segment> ranges) throws IOException {
        forget();
        origin = from;
        segments = ranges;
    }

    /** One range again, of which as much is here as is contiguous from the file's start. */
    void join() {
        Segment first = segments.get(0);
        long contiguous = first.position();
        for (Segment segment : segments) {
            if (segment.start() <= contiguous) {
                contiguous = Math.max(contiguous, segment.position());
            }
        }
        segments = List.of(
                new Segment(0, contiguous, segments.get(segments.size() - 1).end()));
    }

    /** The upstream's last word on a length it had not told before. */
    void ends(Segment openEnded) {
        segments = List.of(new Segment(0, openEnded.position(), openEnded.position()));
    }

    /** Begins anew, with nothing. */
    void forget() throws IOException {
        record.delete();
        channel.truncate(0);
        hasher = new ContentHasher();
        origin = null;
        segments = List.of();
        sinceCheckpoint = 0;
    }

    /** Appends to a segment. */
    void write(Segment segment, List<ByteBuffer> buffers) throws IOException {
        long written = 0;
        try {
            for (ByteBuffer bytes : buffers) {
                long at = segment.position();
                int length = bytes.remaining();
                hash(at, bytes);
                while (bytes.hasRemaining()) {
                    channel.write(bytes, at + length - bytes.remaining());
                }
                segment.wrote(length);
                written += length;
            }
            checkpointAfter(written);
        } catch (IOException failure) {
            throw StorageFull.orCause(failure, file);
        }
    }

    /** Takes the bytes when they continue what was hashed, which is so for one segment at a time. */
    private synchronized void hash(long at, ByteBuffer bytes) {
        if (hasher.size() == at) {
            hasher.update(bytes);
        }
    }

    private synchronized void checkpointAfter(long written) throws IOException {
        sinceCheckpoint += written;
        long few = Math.max(FIRST_CHECKPOINT, bytes() / 2);
        if (sinceCheckpoint >= Math.min(checkpointInterval, few)) {
            checkpoint();
        }
    }

    /** Makes what is here durable, and the record that says so. Nothing to do where nothing can be resumed. */
    synchronized void checkpoint() throws IOException {
        if (origin == null || !origin.resumable()) {
            return;
        }
        // Before the fsync: bytes that come after it are not promised.
        List<Segment> reached = segments.stream().map(Segment::copy).toList();
        channel.force(false);
        record.write(new Origin.Checkpoint(origin, reached));
        sinceCheckpoint = 0;
    }

    /** Hashes what has not passed yet, cuts off what was never promised and makes all of it durable. */
    Fingerprint finish() throws IOException {
        long size = segments.get(segments.size() - 1).position();
        channel.truncate(size);
        hashUpTo(size);
        try {
            channel.force(true);
        } catch (IOException failure) {
            // Final: the kernel has dropped the pages, and a second fsync would report success.
            throw StorageFull.orCause(failure, file);
        }
        return hasher.finish();
    }

    private void hashUpTo(long end) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(PIECE);
        while (hasher.size() < end) {
            buffer.clear().limit((int) Math.min(PIECE, end - hasher.size()));
            if (channel.read(buffer, hasher.size()) < 0) {
                throw new EOFException("a partial file is shorter than its record says");
            }
            hasher.update(buffer.flip());
        }
    }

    /** Forgets everything, for good. */
    void discard() throws IOException {
        try (lock;
                channel) {
            record.delete();
            Files.deleteIfExists(file);
        }
    }

    /** The file has become another's. */
    void handOver() throws IOException {
        try (lock;
                channel) {
            record.delete();
        }
    }

    /** Keeps for later what can be resumed, and nothing else. */
    @Override
    public void close() throws IOException {
        if (!resumable()) {
            discard();
            return;
        }
        try {
            checkpoint();
        } catch (IOException failure) {
            // On a full disk: what an earlier record counts can be gone on with, without one it only takes space.
            if (!record.exists()) {
                discard();
            }
            throw failure;
        } finally {
            release();
        }
    }

    /** Again, nothing happens. */
    private void release() throws IOException {
        try (lock) {
            channel.close();
        }
    }
}
