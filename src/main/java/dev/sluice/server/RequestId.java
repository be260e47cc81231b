package dev.sluice.server;

import io.vertx.ext.web.RoutingContext;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Names a request in its response, its problem document and the log: 32 hexadecimal digits, always as many. */
final class RequestId {
    private static final String HEADER = "X-Request-Id";
    private static final String KEY = RequestId.class.getName();

    private RequestId() {}

    static void assign(RoutingContext ctx) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        HexFormat hex = HexFormat.of();
        String id = hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
        ctx.put(KEY, id);
        ctx.response().putHeader(HEADER, id);
        ctx.next();
    }

    static String of(RoutingContext ctx) {
        return ctx.get(KEY);
    }
}
