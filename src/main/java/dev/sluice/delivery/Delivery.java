package dev.sluice.delivery;

import dev.sluice.archive.ArchiveLayout;
import dev.sluice.http.ByteRange;
import dev.sluice.http.ConditionalRequest;
import dev.sluice.http.Decision;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import dev.sluice.metrics.Outcome;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The one engine that sends content, whatever it is: decide, admit, cut the slice, write the head, pump the body. Event loop of
 * the request's connection.
 */
public final class Delivery {
    private final Vertx vertx;
    private final WorkerExecutor worker;
    private final MemoryShare share = new MemoryShare();
    private final Clock clock;
    private final Supervision supervision;
    private final DownloadRecords records;

    /** @param worker opens and reads files; never the event loop */
    public Delivery(Vertx vertx, WorkerExecutor worker, Clock clock, Supervision supervision, DownloadRecords records) {
        this.vertx = vertx;
        this.worker = worker;
        this.clock = clock;
        this.supervision = supervision;
        this.records = records;
    }

    /**
     * Answers a GET or HEAD with the representation.
     *
     * @return completes when the response has ended well. Fails with {@link ProblemException} while nothing has been
     *     sent, such as 412, 416, 429 and 503, and with {@link TransferAborted} after the connection was reset
     */
    public Future<Void> deliver(Asked asked, Representation representation) {
        HttpServerRequest request = asked.request();
        HttpServerResponse response = request.response();
        ResponseHead head = new ResponseHead(representation, clock.instant());
        Decision decision = Decision.decide(
                ConditionalRequest.from(
                        request.method().name(),
                        request.getParam("v"),
                        field -> request.headers().getAll(field)),
                head.validators(),
                representation.layout().length(),
                representation.ranges());
        if (decision instanceof Decision.PreconditionFailed) {
            return Future.failedFuture(new ProblemException(
                    Problem.preconditionFailed("The content is not the version that was asked for")));
        }
        if (decision instanceof Decision.Unsatisfiable) {
            head.validatorsTo(response);
            return Future.failedFuture(new ProblemException(
                    Problem.rangeNotSatisfiable(representation.layout().length())));
        }
        if (decision instanceof Decision.NotModified) {
            head.validatorsTo(response);
            return response.setStatusCode(304).end();
        }
        ArchiveLayout slice = head.slice(decision);
        if (request.method().equals(HttpMethod.HEAD)) {
            head.writeTo(response, decision, slice);
            return response.end();
        }
        Optional<URI> elsewhere = Redirection.suits(request)
                ? representation.source().elsewhere(representation.filename(), representation.mediaType())
                : Optional.empty();
        if (elsewhere.isPresent()) {
            return records.begin(asked, representation, range(decision))
                    .compose(recorded ->
                            Redirection.send(asked, representation, elsewhere.get(), recorded, supervision.meters()));
        }
        return admit(asked, decision, representation)
                .compose(permit -> records.begin(asked, representation, range(decision))
                        .compose(recorded -> Future.<Void>future(sent -> {
                                    head.writeTo(response, decision, slice);
                                    send(asked, representation, slice, recorded).onComplete(sent);
                                })
                                .onFailure(unsent -> recorded.ended(Outcome.CONTENT_FAILED, 0, Duration.ZERO)))
                        .onComplete(ended -> permit.release()));
    }

    private static Optional<ByteRange> range(Decision decision) {
        return decision instanceof Decision.Part part ? Optional.of(part.range()) : Optional.empty();
    }

    private Future<Permit> admit(Asked asked, Decision decision, Representation representation) {
        Optional<Permit> waitedFor = asked.arrival().permit();
        if (waitedFor.isPresent()) {
            return Future.succeededFuture(waitedFor.get());
        }
        Admission.@Nullable Shared shared = decision instanceof Decision.Part
                ? new Admission.Shared(asked.owner(), representation.tag(), asked.address())
                : null;
        return supervision.admit(CostClass.STREAM, asked.owner(), shared);
    }

    private Future<Void> send(
            Asked asked, Representation representation, ArchiveLayout slice, DownloadRecords.Recorded recorded) {
        PieceWriter writer = PieceWriter.of(asked.request(), worker, share);
        PieceSource source = new PieceSource(
                slice, representation.source(), worker, writer::maxRegion, share::pieceSize, writer.readsOnEventLoop());
        BodyPump pump = new BodyPump(vertx, asked.request().response(), source, writer);
        share.join();
        return new Download(asked, representation, pump, slice, supervision.meters(), recorded)
                .run(supervision.transfers())
                .onComplete(over -> share.leave());
    }
}
