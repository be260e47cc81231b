package dev.sluice.server;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.util.concurrent.atomic.AtomicInteger;

/** One event loop's share of the connections: authenticate, own, plan, send. */
final class HttpVerticle extends VerticleBase {
    private final HttpServerOptions options;
    private final Features features;
    private final AtomicInteger port;

    /** @param port where the port that was bound is told */
    HttpVerticle(HttpServerOptions options, Features features, AtomicInteger port) {
        this.options = options;
        this.features = features;
        this.port = port;
    }

    @Override
    public Future<?> start() {
        HttpServer server = vertx.createHttpServer(options).requestHandler(Routes.router(vertx, features));
        return server.listen().onSuccess(listening -> port.set(listening.actualPort()));
    }
}
