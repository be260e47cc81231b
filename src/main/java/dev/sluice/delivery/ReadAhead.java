package dev.sluice.delivery;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.function.BooleanSupplier;

/**
 * Brings an entry's bytes into the page cache before they go to the socket, because the event loop would wait for the
 * disk otherwise: a window ahead of what is being sent, on a worker. Whether a stretch is cached already is told by the
 * time that a single byte of it takes; to read all of it again when it is cached would cost 40 % of the sending, and to
 * map it, so as to ask the kernel, would leave the unmapping to the garbage collector. To err only costs time. Event
 * loop.
 */
final class ReadAhead {
    /** Bytes. Several regions, so that the next window is there before this one has left. */
    static final long WINDOW = 16 << 20;

    /** Bytes from one look to the next. */
    private static final long STRIDE = 1 << 20;
    /** A byte from the page cache takes 1 µs, rarely 8; from fast disks 50, or 40 where a host's memory stands behind one. */
    private static final long CACHED_NANOS = 15_000;

    private static final int BLOCK = 256 << 10;

    /** Bytes. So far a window goes on as long as all is cached: each takes two threads' turns, which the sending pays for. */
    private static final long FARTHEST = 8 * WINDOW;

    private final Lease lease;
    private final WorkerExecutor worker;
    /** Before this offset all has been brought in. */
    private long arrived;
    /** The one under way, or the last. */
    private Future<Void> window = Future.succeededFuture();

    /** @param arrived where the window ends that {@link #first} brought in */
    ReadAhead(Lease lease, long arrived, WorkerExecutor worker) {
        this.lease = lease;
        this.arrived = arrived;
        this.worker = worker;
    }

    /**
     * Brings in the first window, so that an entry need not wait for a worker twice. Worker thread.
     *
     * @return where it ends
     */
    static long first(FileChannel channel, long from, long until, BooleanSupplier stopped) throws IOException {
        long to = Math.min(until, from + WINDOW);
        return bringIn(channel, from, to, to, stopped);
    }

    /**
     * Completes when the bytes before {@code end} are at hand: at once, when a window before has brought them. Calls go
     * forwards.
     *
     * @param until where the slice leaves this file; nothing beyond it is read
     * @return fails when the disk does
     */
    Future<Void> upTo(long end, long until) {
        if (arrived - end < WINDOW && arrived < until && window.isComplete()) {
            ask(until);
        }
        return end <= arrived ? Future.succeededFuture() : window.compose(more -> upTo(end, until));
    }

    private void ask(long until) {
        long from = arrived;
        long to = Math.min(until, from + WINDOW);
        long farthest = Math.min(until, from + FARTHEST);
        lease.use();
        window = window.compose(before -> worker.executeBlocking(
                        () -> bringIn(lease.open().channel(), from, to, farthest, lease::abandoned), false))
                .onSuccess(reached -> arrived = reached)
                .onComplete(done -> lease.release())
                .mapEmpty();
    }

    /**
     * Worker thread. A file that ends early shows when it is sent.
     *
     * @return where it ended: at {@code to}, or beyond it as long as all is cached
     */
    private static long bringIn(FileChannel channel, long from, long to, long farthest, BooleanSupplier stopped)
            throws IOException {
        ByteBuf block = PooledByteBufAllocator.DEFAULT.directBuffer(BLOCK);
        try {
            long at = from;
            boolean cached = true;
            while (at < (cached ? farthest : to) && !stopped.getAsBoolean()) {
                long end = Math.min(at + STRIDE, at < to ? to : farthest);
                if (!cached(channel, end - 1, block)) {
                    if (at >= to) {
                        return at;
                    }
                    cached = false;
                    readThrough(channel, at, end, block);
                }
                at = end;
            }
            return Math.max(at, to);
        } finally {
            block.release();
        }
    }

    private static boolean cached(FileChannel channel, long position, ByteBuf block) throws IOException {
        block.clear();
        long begin = System.nanoTime();
        block.writeBytes(channel, position, 1);
        return System.nanoTime() - begin < CACHED_NANOS;
    }

    private static void readThrough(FileChannel channel, long from, long to, ByteBuf block) throws IOException {
        for (long at = from; at < to; at += BLOCK) {
            block.clear();
            block.writeBytes(channel, at, (int) Math.min(BLOCK, to - at));
        }
    }
}
