package dev.sluice.server;

import io.vertx.ext.web.RoutingContext;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Names a request in its response, its problem document and the log: 32 hexadecimal digits, always as many. */
final class RequestId {
    static final String HEADER = "X-Request-Id";
    private static final String KEY = RequestId.class.getName();

    private RequestId() {}

    static void assign(RoutingContext ctx) {
        name(ctx);
        ctx.next();
    }

    /** Also of a request that failed before it came to a route. */
    static String of(RoutingContext ctx) {
        @Nullable String id = ctx.get(KEY);
        return id == null ? name(ctx) : id;
    }

    private static String name(RoutingContext ctx) {
        String id = fresh();
        ctx.put(KEY, id);
        ctx.response().putHeader(HEADER, id);
        return id;
    }

    /** For what came to no route. */
    static String fresh() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
    }
}
