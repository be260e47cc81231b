package dev.sluice.access;

import io.vertx.ext.web.RoutingContext;

/** The subject of a request, once {@link BearerAuthentication} has let it pass. */
public final class Authenticated {
    private static final String SUBJECT = Subject.class.getName();

    private Authenticated() {}

    public static Subject subject(RoutingContext ctx) {
        return ctx.get(SUBJECT);
    }

    static void pass(RoutingContext ctx, Subject subject) {
        ctx.put(SUBJECT, subject);
        ctx.next();
    }
}
