package dev.sluice.delivery;

import dev.sluice.archive.ArchiveLayout;
import dev.sluice.http.ConditionalRequest;
import dev.sluice.http.Decision;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one engine that sends content, whatever it is: decide, cut the slice, write the head, pump the body. Event loop of
 * the request's connection.
 */
public final class Delivery {
    private static final Logger log = LoggerFactory.getLogger(Delivery.class);

    private final Vertx vertx;
    private final WorkerExecutor worker;
    private final MemoryShare share = new MemoryShare();
    private final Clock clock;

    /** @param worker opens and reads files; never the event loop */
    public Delivery(Vertx vertx, WorkerExecutor worker, Clock clock) {
        this.vertx = vertx;
        this.worker = worker;
        this.clock = clock;
    }

    /**
     * Answers a GET or HEAD with the representation.
     *
     * @return completes when the response has ended well. Fails with {@link ProblemException} while nothing has been
     *     sent, such as 412 and 416, and with {@link TransferAborted} after the connection was reset
     */
    public Future<Void> deliver(HttpServerRequest request, Representation representation) {
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
        head.writeTo(response, decision, slice);
        if (request.method().equals(HttpMethod.HEAD)) {
            return response.end();
        }
        return send(request, representation, slice);
    }

    private Future<Void> send(HttpServerRequest request, Representation representation, ArchiveLayout slice) {
        PieceWriter writer = PieceWriter.of(request, worker, share);
        PieceSource source =
                new PieceSource(slice, representation.source(), worker, writer::maxRegion, share::pieceSize);
        long begin = System.nanoTime();
        share.join();
        return new BodyPump(vertx, request.response(), source, writer)
                .start()
                .onComplete(over -> share.leave())
                .onSuccess(sent -> log.info(
                        "Completed {} download: {}, {} bytes in {} ms",
                        representation.kind(),
                        representation.filename(),
                        slice.length(),
                        (System.nanoTime() - begin) / 1_000_000));
    }
}
