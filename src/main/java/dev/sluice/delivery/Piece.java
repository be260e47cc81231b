package dev.sluice.delivery;

import io.netty.buffer.ByteBuf;

/** The next bytes of a body, in the form in which they are at hand. */
sealed interface Piece {
    long length();

    /** Bytes in memory. Whoever takes the piece owns the buffer and releases it. */
    record Memory(ByteBuf bytes) implements Piece {
        @Override
        public long length() {
            return bytes.readableBytes();
        }
    }

    /** Bytes of an open file. Whoever takes the piece releases the lease when they have been written, or never will be. */
    record Region(Lease lease, long position, long length) implements Piece {}
}
