package dev.sluice.delivery;

import io.vertx.core.http.HttpServerRequest;

/**
 * A request for a download and what is known of it beyond its own fields.
 *
 * @param owner who asks
 * @param job whose content is asked for
 * @param id the request's id, as the client is told it
 * @param since when it came, by {@link System#nanoTime}
 */
public record Asked(HttpServerRequest request, String owner, String job, String id, long since) {}
