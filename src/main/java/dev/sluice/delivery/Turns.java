package dev.sluice.delivery;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * In which order the transfers of one event loop go on: first come, first served, and in one turn of the loop only as many as send so
 * many bytes together. So all else that the loop has to do does not wait for each of them. What a transfer has handed to its socket
 * already leaves when the socket has room, beside that: two regions of each at most. On that event loop only.
 */
final class Turns {
    /** Bytes of all transfers in one turn: a fraction of a millisecond. */
    private static final long TOGETHER = 1 << 20;

    private static final FastThreadLocal<Turns> OF_LOOP = new FastThreadLocal<>() {
        @Override
        protected Turns initialValue() {
            return new Turns();
        }
    };

    private final Deque<Turn> waiting = new ArrayDeque<>();
    private boolean due;

    private Turns() {}

    private record Turn(long bytes, Runnable goOn) {}

    /**
     * Lets a transfer go on after the event loop has looked at its other sockets.
     *
     * @param loop the current one
     * @param bytes that it sends then, about
     * @param goOn when it throws, those behind it come in the next turn
     */
    static void await(EventLoop loop, long bytes, Runnable goOn) {
        Turns turns = OF_LOOP.get();
        turns.waiting.addLast(new Turn(bytes, goOn));
        if (!turns.due) {
            turns.due = true;
            turns.schedule(loop);
        }
    }

    /** A plain task would not do, for the loop runs those that tasks add before it looks at its sockets again; these once a turn. */
    @SuppressWarnings("FutureReturnValueIgnored") // What a transfer throws is that transfer's own.
    private void schedule(EventLoop loop) {
        loop.schedule(() -> next(loop), 0, TimeUnit.NANOSECONDS);
    }

    private void next(EventLoop loop) {
        try {
            for (long left = TOGETHER; left > 0 && !waiting.isEmpty(); ) {
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
