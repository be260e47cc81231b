package dev.sluice.delivery;

import io.vertx.ext.web.RoutingContext;
import java.util.Optional;

/**
 * How a request for content came.
 *
 * @param at when, by {@link System#nanoTime}
 * @param permit what it waited for before anything was looked up; empty when it did not have to. Whoever began it gives it back
 */
public record Arrival(long at, Optional<Permit> permit) {
    private static final String KEY = Arrival.class.getName();

    /** Of a request that nobody made wait it is now. */
    public static Arrival of(RoutingContext ctx) {
        Arrival known = ctx.get(KEY);
        return known == null ? new Arrival(System.nanoTime(), Optional.empty()) : known;
    }

    /** For what is to become of the request. */
    void goesWith(RoutingContext ctx) {
        ctx.put(KEY, this);
    }
}
