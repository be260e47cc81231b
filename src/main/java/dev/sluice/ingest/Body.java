package dev.sluice.ingest;

import dev.sluice.ingest.FetchFailed.Reason;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One response body on its way into one segment: one write at a time on the worker, and the connection is not read while more than
 * a little waits for it. Event loop.
 */
final class Body implements Inlet.Reader {
    /** Bytes that may wait for the disk. */
    private static final int MOST_WAITING = 2 << 20;

    /** What bodies of one try share. */
    record Sink(
            Partial partial,
            Space space,
            Pacer pacer,
            WorkerExecutor worker,
            Surroundings.Pauses pauses,
            Consumer<Duration> progressed) {}

    private final Upstream.Answer answer;
    private final Segment segment;
    private final long expected;
    private final boolean cut;
    private final long most;
    private final Sink sink;
    private final Promise<Void> received = Promise.promise();
    private final Promise<Void> quiet = Promise.promise();
    private final List<Buffer> waiting = new ArrayList<>();
    private long waitingBytes;
    private long arrived;
    private boolean writing;
    private boolean ended;
    private @Nullable FetchFailed brokenBy;

    /**
     * @param expected bytes, or {@link Segment#OPEN_END} when the upstream does not tell
     * @param cut whether the answer goes on behind the segment
     * @param most bytes that are taken at all
     */
    Body(Upstream.Answer answer, Segment segment, long expected, boolean cut, long most, Sink sink) {
        this.answer = answer;
        this.segment = segment;
        this.expected = expected;
        this.cut = cut;
        this.most = most;
        this.sink = sink;
    }

    /** Completes when every byte is written. */
    Future<Void> receive() {
        answer.inlet().read(this);
        return received.future();
    }

    /** Takes no byte more. Completes when none is being written any more. */
    Future<Void> abort(Throwable why) {
        if (received.tryFail(why)) {
            answer.abort();
            waiting.clear();
            if (!writing) {
                quiet.tryComplete();
            }
        }
        return quiet.future();
    }

    @Override
    public void bytes(Buffer bytes) {
        if (received.future().isComplete() || ended) {
            return;
        }
        Buffer taken = bytes;
        if (bytes.length() > expected - arrived) {
            if (!cut) {
                abort(new FetchFailed(Reason.WRONG_LENGTH, answer.target() + " sends more than it announced"));
                return;
            }
            taken = bytes.getBuffer(0, (int) (expected - arrived));
        }
        arrived += taken.length();
        if (arrived > most) {
            abort(new FetchFailed(Reason.TOO_LARGE, answer.target() + " is larger than the server takes"));
            return;
        }
        waiting.add(taken);
        waitingBytes += taken.length();
        if (cut && arrived == expected) {
            ended = true;
            answer.abort();
        } else if (waitingBytes >= MOST_WAITING || sink.pacer().limited()) {
            answer.inlet().pause();
        }
        write();
    }

    @Override
    public void broken() {
        breakOff(new FetchFailed(Reason.UNREACHABLE, answer.target() + " broke the connection in mid-file"));
    }

    /** What came before is written all the same: there is less to ask for again. */
    private void breakOff(FetchFailed why) {
        if (!ended && !received.future().isComplete()) {
            ended = true;
            brokenBy = why;
            write();
        }
    }

    @Override
    public void end() {
        if (received.future().isComplete() || ended) {
            return;
        }
        if (expected != Segment.OPEN_END && arrived < expected) {
            breakOff(new FetchFailed(Reason.UNREACHABLE, answer.target() + " sent less than it announced"));
            return;
        }
        ended = true;
        write();
    }

    private void write() {
        if (writing) {
            return;
        }
        if (waiting.isEmpty()) {
            if (brokenBy != null) {
                abort(brokenBy);
            } else if (ended && received.tryComplete()) {
                quiet.tryComplete();
            }
            return;
        }
        List<ByteBuffer> buffers = waiting.stream()
                .map(buffer -> ByteBuffer.wrap(buffer.getBytes()))
                .toList();
        long bytes = waitingBytes;
        waiting.clear();
        waitingBytes = 0;
        writing = true;
        sink.worker()
                .executeBlocking(
                        () -> {
                            sink.partial().write(segment, buffers);
                            sink.space().wrote(bytes);
                            return bytes;
                        },
                        false)
                .onComplete(this::wrote);
    }

    private void wrote(AsyncResult<Long> done) {
        writing = false;
        if (done.failed()) {
            abort(done.cause());
        }
        if (received.future().isComplete()) {
            quiet.tryComplete();
            return;
        }
        Duration wait = sink.pacer().after(done.result());
        sink.progressed().accept(wait);
        if (wait.isZero()) {
            goOn();
        } else {
            sink.pauses().pause(wait).onComplete(over -> goOn());
        }
    }

    private void goOn() {
        if (!received.future().isComplete()) {
            if (!ended) {
                answer.inlet().resume();
            }
            write();
        }
    }
}
