package dev.sluice.server;

import dev.sluice.access.Authenticated;
import dev.sluice.access.Subject;
import dev.sluice.delivery.DownloadErrors;
import dev.sluice.metrics.Meters;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/** Counts every response that has a head, whoever made it, and tells the history of downloads what was refused. Event loop. */
record ResponseCount(Meters meters, DownloadErrors errors) implements Handler<RoutingContext> {
    @Override
    public void handle(RoutingContext ctx) {
        // However it ends: also when the client leaves.
        ctx.addEndHandler(ended -> count(ctx));
        ctx.next();
    }

    private void count(RoutingContext ctx) {
        if (!ctx.response().headWritten()) {
            return;
        }
        int status = ctx.response().getStatusCode();
        String path = ctx.request().path();
        RouteKind kind = RouteKind.of(ctx.request().method(), path == null ? "" : path);
        meters.responded(kind.label(), status);
        @Nullable Subject subject = Authenticated.subject(ctx);
        if (kind == RouteKind.DOWNLOAD
                && status >= 400
                && subject != null
                && ctx.request().method().equals(HttpMethod.GET)) {
            errors.refused(subject.owner(), status);
        }
    }
}
