package dev.sluice.server;

import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.SecurityPolicyHandler;
import java.time.Duration;

/**
 * Ends requests whose body is read as one and does not come: who sends a byte now and then would hold connection and memory for ever.
 * Uploads are not read as one and have a watchdog of their own, which looks at progress. A handler of that kind because only such go
 * before the one that reads the body. Event loop.
 */
final class BodyDeadline implements SecurityPolicyHandler {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** A poor line, in bytes of a second. */
    private static final long LEAST_RATE = 64 << 10;

    private final Duration limit;

    BodyDeadline(Duration limit) {
        this.limit = limit;
    }

    /** Half a minute, and as long as a poor line takes for that many bytes. */
    static BodyDeadline ofAtMost(long bytes) {
        return new BodyDeadline(PATIENCE.plusSeconds(bytes / LEAST_RATE));
    }

    @Override
    public void handle(RoutingContext ctx) {
        HttpServerRequest request = ctx.request();
        if (!request.isEnded()) {
            long timer = ctx.vertx().setTimer(limit.toMillis(), late -> {
                if (!request.isEnded()) {
                    ctx.fail(new ProblemException(Problem.of(408, "The body did not come in time")));
                }
            });
            ctx.addEndHandler(over -> ctx.vertx().cancelTimer(timer));
        }
        ctx.next();
    }
}
