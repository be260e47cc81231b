package dev.sluice.delivery;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * In which order the transfers of one event loop go on, and how much they send at a time: first come, first served, and in one turn of
 * the loop only as many as send so many bytes together. So all else that the loop has to do does not wait for each of them. While
 * nobody asks for anything there is nothing else, and they send more at a time, which costs less. What a transfer has handed to its
 * socket already leaves when the socket has room, beside that: two regions of each at most. On that event loop only.
 */
public final class Turns {
    /** Bytes of all transfers in one turn: a fraction of a millisecond. */
    private static final long TOGETHER = 1 << 20;

    /** As long as nobody asks: some milliseconds, and the first who then asks may wait for them. Bytes. */
    private static final long TOGETHER_UNDISTURBED = 32 << 20;

    /** Of one transfer. Less costs one by itself half as much CPU again, more costs no less. Bytes. */
    private static final long LARGEST_REGION = 1 << 20;

    /** Of one of many, and of one whose peer is slow. Bytes. */
    static final long SMALLEST_REGION = 128 << 10;

    /** Large regions that all sockets have together while somebody asks: enough for a transfer by itself. Bytes. */
    private static final long HANDED_OVER = 4 << 20;

    /** Who asks once is likely to go on, as pages and refused clients do: of those who are refused in an overload, 50 a second on a loop. */
    private static final long DISTURBED_NANOS = 250_000_000;

    private static final FastThreadLocal<Turns> OF_LOOP = new FastThreadLocal<>() {
        @Override
        protected Turns initialValue() {
            return new Turns(System::nanoTime);
        }
    };

    private final LongSupplier nanoTime;
    private final Deque<Turn> waiting = new ArrayDeque<>();
    private boolean due;
    private long disturbedAt;
    /** Regions of fast peers in their sockets. */
    private int underWay;

    Turns(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.disturbedAt = nanoTime.getAsLong();
    }

    private record Turn(long bytes, Runnable goOn) {}

    /** Those of the current event loop. */
    public static Turns ofLoop() {
        return OF_LOOP.get();
    }

    /** Somebody asks this loop for something, and whoever comes next shall not wait for long either. */
    public void disturb() {
        disturbedAt = nanoTime.getAsLong();
    }

    private boolean disturbed() {
        return nanoTime.getAsLong() - disturbedAt < DISTURBED_NANOS;
    }

    /** The largest region that a fast peer is to be sent now. Bytes. */
    long region() {
        long all = disturbed() ? HANDED_OVER : TOGETHER_UNDISTURBED;
        return Math.max(SMALLEST_REGION, Math.min(LARGEST_REGION, all / (underWay + BodyPump.UNDER_WAY)));
    }

    /** A region of a fast peer is handed to its socket; {@link #left} is to follow, whatever becomes of it. */
    void handedOver() {
        underWay++;
    }

    void left() {
        underWay--;
    }

    /**
     * Lets a transfer go on after the event loop has looked at its other sockets.
     *
     * @param loop the current one
     * @param bytes that it sends then, about
     * @param goOn when it throws, those behind it come in the next turn
     */
    void await(EventLoop loop, long bytes, Runnable goOn) {
        waiting.addLast(new Turn(bytes, goOn));
        if (!due) {
            due = true;
            schedule(loop);
        }
    }

    /** A plain task would not do, for the loop runs those that tasks add before it looks at its sockets again; these once a turn. */
    @SuppressWarnings("FutureReturnValueIgnored") // What a transfer throws is that transfer's own.
    private void schedule(EventLoop loop) {
        loop.schedule(() -> next(loop), 0, TimeUnit.NANOSECONDS);
    }

    private void next(EventLoop loop) {
        try {
            for (long left = disturbed() ? TOGETHER : TOGETHER_UNDISTURBED; left > 0 && !waiting.isEmpty(); ) {
                Turn turn = waiting.removeFirst();
                left -= turn.bytes();
                turn.goOn().run();
            }
        } finally {
            due = !waiting.isEmpty();
            if (due) {
                schedule(loop);
            }
        }
    }
}
