package dev.sluice.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Files that are open now, so that ten thousand readers of one file need one descriptor. Each reader opens the file for itself and
 * makes sure of what it has opened, as if nobody else had it, and only then gives its channel away for the one that is there. Both
 * are open at that moment, and one inode's number is one file's. The times belong to the key too: a file server may give the number
 * to another file while a client still holds the first one open. Any thread.
 *
 * @param <N> what leads to a file
 */
final class SharedChannels<N> {
    private record Key<N>(N name, FileIdentity state) {}

    private final Map<Key<N>, Held> open = new ConcurrentHashMap<>();

    /**
     * A share of the channel that is open for that file in that state: {@code opened}, or another one, and then {@code opened} is
     * closed. Also when this fails, {@code opened} is closed.
     *
     * @param opened known to be that file in that state
     */
    SharedChannel share(N name, FileIdentity state, FileChannel opened) throws IOException {
        Key<N> key = new Key<>(name, state);
        Held held = open.compute(key, (same, there) -> there != null && there.join() ? there : new Held(opened));
        SharedChannel share = new SharedChannel(held.channel, () -> leave(key, held));
        if (held.channel != opened) {
            try {
                opened.close();
            } catch (IOException failed) {
                try (share) {
                    throw failed;
                }
            }
        }
        return share;
    }

    /** Of all files. */
    int size() {
        return open.size();
    }

    private void leave(Key<N> key, Held held) throws IOException {
        if (held.leave()) {
            open.remove(key, held);
            held.channel.close();
        }
    }

    /** Equal to itself only. */
    private static final class Held {
        private final FileChannel channel;
        /** From 0 there is no way back: whoever left last closes the channel. */
        private final AtomicInteger holders = new AtomicInteger(1);

        Held(FileChannel channel) {
            this.channel = channel;
        }

        /** False when it is being closed, or was by the JDK, which does so when a thread is interrupted that reads from it. */
        boolean join() {
            return channel.isOpen() && holders.getAndUpdate(now -> now == 0 ? 0 : now + 1) > 0;
        }

        /** Whether that was the last one. */
        boolean leave() {
            return holders.decrementAndGet() == 0;
        }
    }
}
