package dev.sluice.server;

import dev.sluice.http.HttpDate;
import dev.sluice.http.Problem;
import dev.sluice.metrics.Meters;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.time.Instant;

/**
 * Answers what the decoder could make no request of, which therefore comes to no route. That is the connection's last answer, for
 * nobody knows where another request would begin (RFC 9112 §2.2). Event loop.
 */
record UnreadableRequest(Meters meters) implements Handler<HttpServerRequest> {
    @Override
    public void handle(HttpServerRequest request) {
        Problem problem = problem(request.decoderResult().cause());
        String id = RequestId.fresh();
        Buffer body = new JsonObject(problem.document(id)).toBuffer();
        meters.responded(RouteKind.OTHER.label(), problem.status());
        request.response()
                .setStatusCode(problem.status())
                .putHeader(RequestId.HEADER, id)
                .putHeader(HttpHeaders.DATE, HttpDate.format(Instant.now()))
                .putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
                .end(body)
                .onComplete(sent -> request.connection().close());
    }

    private static Problem problem(Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            return Problem.of(414, "The request target is longer than this server reads");
        }
        if (cause instanceof TooLongHttpHeaderException) {
            return Problem.of(431, "The header fields are longer than this server reads");
        }
        return Problem.badRequest("This is no HTTP request that the server can read");
    }
}
