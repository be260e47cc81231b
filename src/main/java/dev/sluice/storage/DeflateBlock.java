package dev.sluice.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.Deflater;

/**
 * One block on its way: filled, deflated on any thread, written, filled again. Buffers for one block in and out, about 2.2 MiB.
 * Closing waits for a run that is under way; a run after it does nothing.
 */
final class DeflateBlock implements AutoCloseable {
    /** Part of the format of our streams: another size gives other bytes. */
    static final int SIZE = 1 << 20;

    /** How far back a match may lie, RFC 1951 section 2. */
    private static final int WINDOW = 32 * 1024;

    /** What zlib says at most becomes of a block (its deflateBound) is less than a thousandth more, and its flush six bytes. */
    private static final int MAX_OUTPUT = SIZE + SIZE / 64;

    private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
    private final byte[] input = new byte[SIZE];
    private final byte[] window = new byte[WINDOW];
    private final byte[] output = new byte[MAX_OUTPUT];
    private int length;
    private int windowLength;
    private int outputLength;
    private boolean last;
    private boolean closed;

    /** Reads the block at {@code position} of {@code size} bytes; a full block before it gives the window. */
    void fill(FileChannel channel, long position, long size) throws IOException {
        length = (int) Math.min(SIZE, size - position);
        last = position + length == size;
        windowLength = position == 0 ? 0 : WINDOW;
        FileBytes.read(channel, position - windowLength, ByteBuffer.wrap(window, 0, windowLength));
        FileBytes.read(channel, position, ByteBuffer.wrap(input, 0, length));
    }

    /** Depends on nothing but the bytes of block and window. */
    synchronized void deflate() {
        if (closed) {
            return;
        }
        deflater.reset();
        if (windowLength > 0) {
            deflater.setDictionary(window, 0, windowLength);
        }
        deflater.setInput(input, 0, length);
        if (last) {
            deflater.finish();
        }
        // In one call: asked again with room left, zlib would flush again and write another empty block.
        outputLength = deflater.deflate(output, 0, output.length, last ? Deflater.NO_FLUSH : Deflater.SYNC_FLUSH);
        if (outputLength == output.length || !(last ? deflater.finished() : deflater.needsInput())) {
            throw new IllegalStateException("a deflated block of " + length + " bytes passed its bound");
        }
    }

    ByteBuffer input() {
        return ByteBuffer.wrap(input, 0, length);
    }

    ByteBuffer output() {
        return ByteBuffer.wrap(output, 0, outputLength);
    }

    @Override
    public synchronized void close() {
        closed = true;
        deflater.end();
    }
}
