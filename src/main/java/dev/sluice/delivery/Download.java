package dev.sluice.delivery;

import dev.sluice.archive.ArchiveLayout;
import dev.sluice.metrics.Meters;
import dev.sluice.metrics.Outcome;
import dev.sluice.metrics.SizeClass;
import io.vertx.core.Future;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One body on its way, as it is watched, counted and told in the log. Event loop of the connection. */
final class Download implements Transfer {
    private static final Logger log = LoggerFactory.getLogger(Download.class);

    private final Asked asked;
    private final Representation representation;
    private final BodyPump pump;
    private final Meters meters;
    private final ArchiveLayout slice;
    private final long length;
    private final DownloadRecords.Recorded recorded;
    private long counted;
    private @Nullable Ending ending;

    /** @param slice the body */
    Download(
            Asked asked,
            Representation representation,
            BodyPump pump,
            ArchiveLayout slice,
            Meters meters,
            DownloadRecords.Recorded recorded) {
        this.asked = asked;
        this.representation = representation;
        this.pump = pump;
        this.slice = slice;
        this.length = slice.length();
        this.meters = meters;
        this.recorded = recorded;
    }

    Future<Void> run(Transfers transfers) {
        log.info("Streaming {} download to client [{}]", representation.kind(), asked.id());
        Transfers.Running running = transfers.watch(this);
        return pump.start().onComplete(done -> {
            // Told first: who drains waits for what runs, and then for what was told to be written.
            try {
                ended(done.cause());
            } finally {
                running.ended();
            }
        });
    }

    @Override
    public long progress() {
        count();
        return pump.progress();
    }

    @Override
    public void end(Ending why) {
        if (ending == null) {
            ending = why;
            pump.abort(TransferAborted.Party.SERVER, why.reason(), new ClosedChannelException());
        } else {
            // A stream of HTTP/2 cannot be reset on a connection that takes no bytes at all.
            RegionWriter.closeNow(asked.request().connection());
        }
    }

    /** Bytes count as they leave, so that a long download shows before it has ended. */
    private void count() {
        long written = pump.written();
        if (written > counted) {
            meters.downloadBytes(representation.kind(), written - counted);
            counted = written;
        }
    }

    private void ended(@Nullable Throwable failure) {
        count();
        Duration took = Duration.ofNanos(System.nanoTime() - asked.arrival().at());
        Outcome outcome = outcome(failure);
        recorded.ended(outcome, failure == null ? length : pump.written(), took);
        meters.downloadEnded(representation.kind(), outcome);
        if (outcome == Outcome.CONTENT_FAILED) {
            if (ReadFailure.is(failure)) {
                meters.readFailed();
            }
            if (!ReadFailure.isOfStore(failure)) {
                ReadFailure.suspects(slice, pump.written()).forEach(representation.source()::suspect);
            }
        }
        if (pump.firstByte() != BodyPump.NEVER) {
            meters.firstByte(Duration.ofNanos(pump.firstByte() - asked.arrival().at()));
        }
        if (failure == null) {
            meters.downloadTook(SizeClass.of(length), took);
            log.info(
                    "Completed {} download for {}: {}, {} bytes in {} ms [{}]",
                    representation.kind(),
                    asked.resourceType(),
                    asked.resource(),
                    length,
                    took.toMillis(),
                    asked.id());
        } else {
            log.info(
                    "Aborted {} download for {}: {}, {} of {} bytes in {} ms: {}: {} [{}]",
                    representation.kind(),
                    asked.resourceType(),
                    asked.resource(),
                    pump.written(),
                    length,
                    took.toMillis(),
                    outcome.label(),
                    failure instanceof TransferAborted ? failure.getMessage() + ": " + failure.getCause() : failure,
                    asked.id());
        }
    }

    private Outcome outcome(@Nullable Throwable failure) {
        if (failure == null) {
            return Outcome.COMPLETED;
        }
        if (ending != null) {
            return ending.outcome();
        }
        return failure instanceof TransferAborted aborted && aborted.party() == TransferAborted.Party.CLIENT
                ? Outcome.CLIENT_LEFT
                : Outcome.CONTENT_FAILED;
    }
}
