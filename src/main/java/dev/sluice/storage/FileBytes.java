package dev.sluice.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Reads a file by position, so that the channel can be shared. */
final class FileBytes {
    private FileBytes() {}

    /**
     * Fills the buffer's remaining space.
     *
     * @throws ContentChanged when the file ends before
     */
    static void read(FileChannel channel, long position, ByteBuffer into) throws IOException {
        long at = position;
        while (into.hasRemaining()) {
            int count = channel.read(into, at);
            if (count < 0) {
                throw new ContentChanged("ended at byte " + at + " where more was planned");
            }
            at += count;
        }
    }
}
