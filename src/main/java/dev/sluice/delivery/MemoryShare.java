package dev.sluice.delivery;

import io.netty.util.internal.PlatformDependent;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How large pieces in memory may be, so that all transfers together stay within a part of the direct memory: a few fast
 * readers get large pieces, a thousand slow ones small ones. Any thread.
 */
final class MemoryShare {
    /** Where a larger piece is no faster. Bytes. */
    static final int MOST = 256 << 10;

    /** Where a smaller piece costs more turns than it saves memory. Bytes. */
    static final int LEAST = 16 << 10;

    /** Of the direct memory: what was given out before others joined is still out, and TLS needs buffers of its own. */
    private static final int PART = 8;

    private final long budget;
    private final AtomicInteger transfers = new AtomicInteger();

    MemoryShare() {
        this(PlatformDependent.maxDirectMemory() / PART);
    }

    /** @param budget in bytes */
    MemoryShare(long budget) {
        this.budget = budget;
    }

    void join() {
        transfers.incrementAndGet();
    }

    void leave() {
        transfers.decrementAndGet();
    }

    /** Bytes that a piece may have now. */
    int pieceSize() {
        long share = budget / ((long) BodyPump.UNDER_WAY * Math.max(1, transfers.get()));
        return (int) Math.max(LEAST, Math.min(MOST, share));
    }
}
