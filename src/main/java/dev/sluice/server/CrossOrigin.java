package dev.sluice.server;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.CorsHandler;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets pages of the configured origins call the API (Fetch standard, CORS protocol). Requests of any other origin are answered
 * as if there were no such protocol, so that browsers keep the answer from the page: refusing them would also refuse our own.
 */
final class CrossOrigin implements Handler<RoutingContext> {
    private static final int PREFLIGHT_SECONDS = 600;

    private final Set<String> origins;
    private final CorsHandler allowed;

    CrossOrigin(List<String> origins) {
        this.origins = Set.copyOf(origins);
        this.allowed = CorsHandler.create()
                .addOrigins(origins)
                .allowedMethods(Set.of(
                        HttpMethod.GET,
                        HttpMethod.HEAD,
                        HttpMethod.POST,
                        HttpMethod.PUT,
                        HttpMethod.PATCH,
                        HttpMethod.DELETE))
                .allowedHeaders(Set.of(
                        "Authorization",
                        "Content-Type",
                        "Content-Digest",
                        "Repr-Digest",
                        "Range",
                        "If-Range",
                        "If-Match",
                        "If-None-Match",
                        "If-Modified-Since",
                        "If-Unmodified-Since"))
                .exposedHeaders(Set.of(
                        "Content-Range", "Content-Disposition", "ETag", "Repr-Digest", "Retry-After", "X-Request-Id"))
                .maxAgeSeconds(PREFLIGHT_SECONDS);
    }

    @Override
    public void handle(RoutingContext ctx) {
        if (!origins.isEmpty()) {
            // Also where none is named (Fetch standard, CORS protocol and HTTP caches): a cache would answer a page
            // with that.
            ctx.response().headers().add(HttpHeaders.VARY, HttpHeaders.ORIGIN);
        }
        @Nullable String origin = ctx.request().getHeader(HttpHeaders.ORIGIN);
        if (origin != null && origins.contains(origin)) {
            allowed.handle(ctx);
        } else {
            ctx.next();
        }
    }
}
