package dev.sluice.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.util.function.Consumer;
import java.util.zip.CRC32;

/** Checksums of the first bytes of a file, which is read once, in pieces of 1 MiB. Worker thread. */
public final class Checksum {
    private static final int PIECE = 1 << 20;

    /** One for each worker thread, of which there are few: direct memory is costly to allocate for each of many small files. */
    private static final ThreadLocal<ByteBuffer> BUFFER =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(PIECE));

    private Checksum() {}

    /**
     * How far a CRC-32 has come; enough to go on from in another process.
     *
     * @param position bytes that are in it
     * @param crc32 of these bytes, 0 to 2³²-1
     */
    public record Checkpoint(long position, long crc32) {
        public static final Checkpoint START = new Checkpoint(0, 0);
    }

    /**
     * CRC-32 and SHA-256 of the first {@code size} bytes.
     *
     * @throws ContentChanged when the file is shorter
     */
    public static Fingerprint fingerprint(FileChannel channel, long size, Progress progress) throws IOException {
        ContentHasher hasher = new ContentHasher();
        read(channel, 0, size, piece -> {
            hasher.update(piece);
            progress.reached(hasher.size());
        });
        return hasher.finish();
    }

    /**
     * CRC-32 and SHA-256 of the next {@code size} bytes, which are taken from the channel.
     *
     * @throws ContentChanged when there are fewer
     */
    public static Fingerprint fingerprintOfNext(ReadableByteChannel channel, long size) throws IOException {
        ContentHasher hasher = new ContentHasher();
        ByteBuffer buffer = BUFFER.get();
        while (hasher.size() < size) {
            buffer.clear().limit((int) Math.min(PIECE, size - hasher.size()));
            if (channel.read(buffer) < 0) {
                throw new ContentChanged("ended at byte " + hasher.size() + " of " + size);
            }
            hasher.update(buffer.flip());
        }
        return hasher.finish();
    }

    /**
     * CRC-32 of the first {@code size} bytes, of which those before the checkpoint are not read again.
     *
     * @param reached told after each piece; an exception of its own stops the work, which can then go on from the last checkpoint
     * @throws ContentChanged when the file is shorter
     */
    public static long crc32(FileChannel channel, long size, Checkpoint from, Consumer<Checkpoint> reached)
            throws IOException {
        Crc32Progress progress = new Crc32Progress(from);
        read(channel, from.position(), size, piece -> reached.accept(progress.take(piece)));
        return progress.checkpoint().crc32();
    }

    private static void read(FileChannel channel, long from, long to, Consumer<ByteBuffer> pieces) throws IOException {
        ByteBuffer buffer = BUFFER.get();
        for (long at = from; at < to; ) {
            int length = (int) Math.min(PIECE, to - at);
            FileBytes.read(channel, at, buffer.clear().limit(length));
            at += length;
            pieces.accept(buffer.flip());
        }
    }

    /** The JDK's CRC32 cannot start from a value: what came before is joined to what came since. */
    private static final class Crc32Progress {
        private final Checkpoint from;
        private final CRC32 since = new CRC32();
        private long bytes;

        Crc32Progress(Checkpoint from) {
            this.from = from;
        }

        Checkpoint take(ByteBuffer piece) {
            bytes += piece.remaining();
            since.update(piece);
            return checkpoint();
        }

        Checkpoint checkpoint() {
            return new Checkpoint(from.position() + bytes, Crc32.combine(from.crc32(), since.getValue(), bytes));
        }
    }
}
