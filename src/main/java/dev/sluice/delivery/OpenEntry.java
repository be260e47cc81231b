package dev.sluice.delivery;

import java.io.IOException;
import java.nio.channels.FileChannel;

/** One open descriptor of a transfer. Worker thread, but for {@link #channel()}. */
public interface OpenEntry extends AutoCloseable {
    FileChannel channel();

    /**
     * Compares the open file with the plan again.
     *
     * @throws IOException when bytes inside the planned length may have changed since
     */
    void recheck() throws IOException;

    @Override
    void close() throws IOException;
}
