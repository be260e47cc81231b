package dev.sluice.models;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.access.Authenticated;
import dev.sluice.jobs.JobHandlers;
import dev.sluice.jobs.Json;
import dev.sluice.jobs.JsonMediaType;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.UUID;
import java.util.function.Function;

/** What the calls of this package have in common: who asks, for which model, and the frame around each answer. */
final class Answers {
    private Answers() {}

    static String subject(RoutingContext ctx) {
        return Authenticated.subject(ctx).owner();
    }

    /** As the client is told it. */
    static String requestId(RoutingContext ctx) {
        return ctx.response().headers().get("X-Request-Id");
    }

    /** What no model can be called is called by no model. */
    static UUID id(RoutingContext ctx) {
        return uuid(ctx.pathParam(ModelHandlers.ID));
    }

    static UUID uuid(String text) {
        try {
            UUID id = UUID.fromString(text);
            if (id.toString().equals(text)) {
                return id;
            }
        } catch (IllegalArgumentException malformed) {
            // As good as missing.
        }
        throw ModelQueries.notFound();
    }

    /** {@code {"success": true, "data": …}}. */
    static Future<Void> send(RoutingContext ctx, int status, JsonNode data) {
        ObjectNode json = Json.object().put("success", true);
        json.set("data", data);
        return JobHandlers.send(ctx, status, Json.buffer(json));
    }

    /** A failure of the reading is one of the future. */
    static <T> Future<T> body(RoutingContext ctx, Function<byte[], T> read) {
        return Future.future(parsed -> {
            JsonMediaType.require(ctx.request().getHeader(HttpHeaders.CONTENT_TYPE));
            Buffer body = ctx.body().buffer();
            parsed.complete(read.apply(body == null ? new byte[0] : body.getBytes()));
        });
    }

    /** As {@link #body}; no body at all is an empty object. */
    static <T> Future<T> optionalBody(RoutingContext ctx, Function<byte[], T> read) {
        Buffer body = ctx.body().buffer();
        return body == null || body.length() == 0
                ? Future.future(parsed -> parsed.complete(read.apply(new byte[] {'{', '}'})))
                : body(ctx, read);
    }
}
