package dev.sluice.server;

import dev.sluice.access.InvalidToken;
import dev.sluice.access.KeysUnavailable;
import dev.sluice.database.DatabaseUnavailable;
import dev.sluice.delivery.TransferAborted;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import dev.sluice.jobs.ArchiveFailed;
import dev.sluice.storage.BlobMissing;
import dev.sluice.storage.ContentChanged;
import dev.sluice.storage.PathConflict;
import dev.sluice.storage.StorageFull;
import dev.sluice.storage.StoreUnavailable;
import dev.sluice.storage.TooManyEntries;
import dev.sluice.storage.UnrepresentableName;
import io.vertx.core.VertxException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import java.nio.file.AccessDeniedException;
import java.time.Duration;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one exit of every request that did not end well: turns the failure into a problem document, or, once the head is
 * out, leaves the connection broken. Nothing of the failure itself reaches the client. Event loop.
 */
final class ProblemMapper {
    private static final Logger log = LoggerFactory.getLogger(ProblemMapper.class);

    private static final Duration RETRY = Duration.ofSeconds(1);

    private static final String ROUTE = ProblemMapper.class.getName();

    /** Fails a request as {@code RoutingContext.fail} does, which forgets what was asked for. */
    static void fail(RoutingContext ctx, Throwable failure) {
        ctx.put(ROUTE, ctx.currentRoute().getName());
        ctx.fail(failure);
    }

    void handle(RoutingContext ctx) {
        Throwable failure = ctx.failure();
        HttpServerResponse response = ctx.response();
        if (failure instanceof TransferAborted) {
            // The transfer itself has told its end, and the connection is broken.
            return;
        }
        if (response.ended() || response.closed()) {
            return;
        }
        if (response.headWritten()) {
            log.error("Failed after the head was sent [{}]", RequestId.of(ctx), failure);
            ctx.request().connection().close();
            return;
        }
        Problem problem = problem(ctx, failure);
        if (failure instanceof DatabaseUnavailable || failure instanceof StoreUnavailable) {
            // Of an outage one line a request is enough.
            log.warn("{} [{}]", failure.getMessage(), RequestId.of(ctx));
        } else if (problem.status() >= 500 && !(failure instanceof ProblemException)) {
            log.error(
                    "{} {} failed with {} [{}]",
                    ctx.request().method(),
                    // Not the path itself, which may be a link with its signature.
                    Objects.requireNonNullElse(ctx.get(ROUTE), "(before its route)"),
                    problem.status(),
                    RequestId.of(ctx),
                    failure);
        }
        send(ctx, problem);
    }

    private static void send(RoutingContext ctx, Problem problem) {
        HttpServerResponse response = ctx.response();
        for (String field : new String[] {
            "Content-Length",
            "Content-Disposition",
            "Content-Range",
            "Last-Modified",
            "ETag",
            "Accept-Ranges",
            "Repr-Digest",
            "Digest",
            "X-Accel-Buffering"
        }) {
            response.headers().remove(field);
        }
        response.setStatusCode(problem.status());
        problem.headers().forEach(response::putHeader);
        response.putHeader("Content-Type", Problem.MEDIA_TYPE);
        response.putHeader("Cache-Control", "no-store");
        response.putHeader("X-Content-Type-Options", "nosniff");
        JsonObject document = new JsonObject(problem.document(RequestId.of(ctx)));
        if (ctx.request().path().startsWith("/api/models")
                || ctx.request().path().equals("/models/save")) {
            document.put("success", false);
        }
        Buffer body = document.toBuffer();
        // Said here because a HEAD, whose body is not sent, is not told its length otherwise.
        response.putHeader("Content-Length", Integer.toString(body.length()));
        if (problem.status() == 408 && ctx.request().version() != HttpVersion.HTTP_2) {
            // RFC 9110 §15.5.9: there is no waiting for the rest of the body.
            response.putHeader("Connection", "close");
            response.endHandler(sent -> ctx.request().connection().close());
        }
        UnreadBody.discard(ctx.request());
        response.end(body);
    }

    private static Problem problem(RoutingContext ctx, Throwable failure) {
        if (failure instanceof ProblemException known) {
            return known.problem();
        }
        if (failure instanceof InvalidToken) {
            return Problem.unauthorized("A valid bearer token is required");
        }
        if (failure instanceof KeysUnavailable) {
            return Problem.unavailable("Tokens cannot be verified at the moment", RETRY);
        }
        if (failure instanceof StorageFull) {
            return Problem.insufficientStorage("No space is left for this content");
        }
        if (failure instanceof PathConflict) {
            return Problem.conflict("A file or directory is in the way of this path");
        }
        if (failure instanceof TooManyEntries) {
            return Problem.of(422, "The directory has too many entries or levels");
        }
        if (failure instanceof ArchiveFailed) {
            return Problem.internal("Failed to create model archive");
        }
        if (failure instanceof UnrepresentableName
                || failure instanceof BlobMissing
                || failure instanceof AccessDeniedException) {
            return Problem.internal("A file of this job cannot be read by the server");
        }
        if (failure instanceof ContentChanged) {
            return Problem.unavailable("The content is changing at the moment", RETRY);
        }
        if (failure instanceof StoreUnavailable) {
            return Problem.unavailable("The stored content cannot be reached at the moment", RETRY);
        }
        if (failure instanceof DatabaseUnavailable) {
            return Problem.unavailable("The database cannot be reached at the moment", RETRY);
        }
        if (failure instanceof HttpException routed) {
            return routed(routed.getStatusCode());
        }
        if (failure == null || unroutable(failure, ctx.statusCode())) {
            return routed(ctx.statusCode());
        }
        return Problem.internal("An unexpected error occurred");
    }

    /** RFC 9112 §3.2: without a host the router itself refuses, before any route. */
    private static boolean unroutable(Throwable failure, int status) {
        return failure instanceof VertxException && status == 400;
    }

    private static Problem routed(int status) {
        return switch (status) {
            case 400 -> Problem.badRequest("The request is malformed");
            case 404 -> Problem.notFound("Not found");
            case 413 -> Problem.tooLarge("The body is too large");
            case 415 -> Problem.unsupportedMediaType("The media type is not supported");
            default ->
                status >= 400 && status < 600
                        ? Problem.of(status, "The request was refused")
                        : Problem.internal("An unexpected error occurred");
        };
    }
}
