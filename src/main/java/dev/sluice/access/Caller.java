package dev.sluice.access;

import io.vertx.ext.web.RoutingContext;

/**
 * Who called, from where, as far as it can be known: what proxies say counts when they are trusted, and nobody else's word does.
 *
 * @param address the client's, in figures
 * @param secure whether the client came by TLS
 * @param authority host, and port if any, by which the client knows this server
 */
public record Caller(String address, boolean secure, String authority) {
    private static final String KEY = Caller.class.getName();

    /** Once {@link Proxies} has let the request pass. */
    public static Caller of(RoutingContext ctx) {
        return ctx.get(KEY);
    }

    void pass(RoutingContext ctx) {
        ctx.put(KEY, this);
        ctx.next();
    }

    /** As the client has to write it, without a slash at its end. */
    public String origin() {
        return (secure ? "https://" : "http://") + authority;
    }
}
