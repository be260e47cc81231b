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
    /** A byte from the page cache takes 2 µs, from the fastest disks 50. */
    private static final long CACHED_NANOS = 30_000;

    private static final int BLOCK = 256 << 10;

    private final Lease lease;
    private final WorkerExecutor worker;
    /** Before this offset all has been brought in, of what was asked for. */
    private long arrived;
    /** The window under way ends here; at {@link #arrived} when there is none. */
    private long asked;

    private Future<Void> window = Future.succeededFuture();

    /** @param arrived where the window ends that {@link #first} brought in */
    ReadAhead(Lease lease, long arrived, WorkerExecutor worker) {
        this.lease = lease;
        this.arrived = arrived;
        this.asked = arrived;
        this.worker = worker;
    }

    /**
     * Brings in the first window, so that an entry need not wait for a worker twice. Worker thread.
     *
     * @return where it ends
     */
    static long first(FileChannel channel, long from, long until, BooleanSupplier stopped) throws IOException {
        long to = Math.min(until, from + WINDOW);
        bringIn(channel, from, to, stopped);
        return to;
    }

    /**
     * Completes when the bytes before {@code end} are at hand: at once, when a window before has brought them. Calls go
     * forwards.
     *
     * @param end at most a window further than in the call before
     * @param until where the slice leaves this file; nothing beyond it is read
     * @return fails when the disk does
     */
    Future<Void> upTo(long end, long until) {
        if (asked < end) {
            ask(until);
        }
        Future<Void> needed = end <= arrived ? Future.succeededFuture() : window;
        if (asked == arrived && asked < until && asked - end < WINDOW) {
            ask(until);
        }
        return needed;
    }

    private void ask(long until) {
        long from = asked;
        long to = Math.min(until, from + WINDOW);
        asked = to;
        lease.use();
        window = window.compose(before -> worker.<Void>executeBlocking(
                        () -> {
                            bringIn(lease.open().channel(), from, to, lease::abandoned);
                            return null;
                        },
                        false))
                .onSuccess(done -> arrived = to)
                .onComplete(done -> lease.release());
    }

    /** Worker thread. A file that ends early shows when it is sent. */
    private static void bringIn(FileChannel channel, long from, long to, BooleanSupplier stopped) throws IOException {
        ByteBuf block = PooledByteBufAllocator.DEFAULT.directBuffer(BLOCK);
        try {
            for (long at = from; at < to && !stopped.getAsBoolean(); at += STRIDE) {
                long end = Math.min(at + STRIDE, to);
                if (!cached(channel, end - 1, block)) {
                    readThrough(channel, at, end, block);
                }
            }
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
