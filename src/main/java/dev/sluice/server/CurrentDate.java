package dev.sluice.server;

import dev.sluice.http.HttpDate;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;

/** Says when a response was made, of whatever status (RFC 9110 §6.6.1). Of one event loop. */
final class CurrentDate implements Handler<RoutingContext> {
    private long second = Long.MIN_VALUE;
    private String text = "";

    @Override
    public void handle(RoutingContext ctx) {
        long now = Math.floorDiv(System.currentTimeMillis(), 1000L);
        if (now != second) {
            second = now;
            text = HttpDate.format(Instant.ofEpochSecond(now));
        }
        ctx.response().putHeader(HttpHeaders.DATE, text);
        ctx.next();
    }
}
