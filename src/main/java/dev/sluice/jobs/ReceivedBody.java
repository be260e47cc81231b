package dev.sluice.jobs;

import dev.sluice.delivery.Ending;
import dev.sluice.delivery.Transfer;
import dev.sluice.delivery.Transfers;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import dev.sluice.metrics.Meters;
import dev.sluice.metrics.Outcome;
import dev.sluice.storage.StagedUpload;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.Pipe;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The body of one upload on its way into its staged file, watched like a download. Event loop. */
final class ReceivedBody implements Transfer {
    private final Pipe<Buffer> pipe;
    private final StagedUpload staged;
    private final Promise<Void> ended = Promise.promise();
    private @Nullable Ending ending;

    ReceivedBody(Pipe<Buffer> pipe, StagedUpload staged) {
        this.pipe = pipe;
        this.staged = staged;
    }

    /** Fails with a problem when the server ends it. */
    Future<Void> into(HashedFile file, Transfers transfers, Meters meters) {
        Transfers.Running running = transfers.watch(this);
        pipe.to(file).onComplete(piped -> {
            if (piped.succeeded()) {
                ended.tryComplete();
            } else {
                ended.tryFail(piped.cause());
            }
        });
        return ended.future().onComplete(done -> {
            meters.uploadEnded(outcome(done.cause()));
            running.ended();
        });
    }

    @Override
    public long progress() {
        return staged.size();
    }

    @Override
    public void end(Ending why) {
        if (ending == null) {
            ending = why;
            ended.tryFail(new ProblemException(problem(why)));
            pipe.close();
        }
    }

    private static Problem problem(Ending why) {
        return switch (why) {
            case STALLED -> Problem.of(408, "No further byte of the body came in time");
            case DRAINED -> Problem.unavailable("The server is stopping", Duration.ofSeconds(1));
        };
    }

    /** What a client does wrong and what its leaving looks like is one failure here. */
    private Outcome outcome(@Nullable Throwable failure) {
        if (failure == null) {
            return Outcome.COMPLETED;
        }
        return ending == null ? Outcome.CLIENT_LEFT : ending.outcome();
    }
}
