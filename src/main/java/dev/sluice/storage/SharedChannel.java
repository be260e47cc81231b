package dev.sluice.storage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.concurrent.atomic.AtomicBoolean;

/** One holder's share of an open file, which is closed with the last share. Any thread; to close it again does nothing. */
public final class SharedChannel implements Closeable {
    private final FileChannel channel;
    private final Closeable claim;
    private final AtomicBoolean closed = new AtomicBoolean();

    SharedChannel(FileChannel channel, Closeable claim) {
        this.channel = channel;
        this.claim = claim;
    }

    /** The one share of a channel that nobody else will be given. */
    static SharedChannel alone(FileChannel channel) {
        return new SharedChannel(channel, channel);
    }

    /** For reading by position, because its own position is everybody's; any thread. */
    public FileChannel channel() {
        return channel;
    }

    @Override
    public void close() throws IOException {
        if (closed.compareAndSet(false, true)) {
            claim.close();
        }
    }
}
