package dev.sluice.storage;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/** A blob that is read from elsewhere, for who may wait for it. Worker thread, one at a time. */
public final class BlobChannel implements ReadableByteChannel {
    private static final int PIECE = 256 << 10;

    private final BlobRead read;
    private long left;
    private boolean open = true;

    /**
     * Waits until the store gives the bytes.
     *
     * @param read closed with this, also when this cannot be opened
     * @param length all bytes of it
     */
    public BlobChannel(BlobRead read, long length) throws IOException {
        this.read = read;
        this.left = length;
        try {
            Blocking.await(read.opened());
        } catch (IOException | RuntimeException failed) {
            read.close();
            throw failed;
        }
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        if (left == 0) {
            return -1;
        }
        int length = (int) Math.min(Math.min(PIECE, left), into.remaining());
        if (length == 0) {
            return 0;
        }
        ByteBuf piece = Blocking.await(read.next(length));
        try {
            piece.readBytes(into.slice().limit(length));
            into.position(into.position() + length);
        } finally {
            piece.release();
        }
        left -= length;
        return length;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        open = false;
        read.close();
    }
}
