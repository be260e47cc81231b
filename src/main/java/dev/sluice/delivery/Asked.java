package dev.sluice.delivery;

import io.vertx.core.http.HttpServerRequest;

/**
 * A request for a download and what is known of it beyond its own fields.
 *
 * @param address the client's
 * @param owner who asks
 * @param resourceType {@code job} or {@code model}: what the content is part of
 * @param resource the id of that
 * @param id the request's id, as the client is told it
 * @param arrival how it came
 */
public record Asked(
        HttpServerRequest request,
        String address,
        String owner,
        String resourceType,
        String resource,
        String id,
        Arrival arrival) {}
