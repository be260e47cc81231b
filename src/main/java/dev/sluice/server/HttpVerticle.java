package dev.sluice.server;

import dev.sluice.delivery.Supervision;
import dev.sluice.delivery.Turns;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.util.concurrent.atomic.AtomicInteger;

/** One event loop's share of the connections: authenticate, own, plan, send. */
final class HttpVerticle extends VerticleBase {
    private final HttpServerOptions options;
    private final CongestionControl congestionControl;
    private final Features features;
    private final Supervision supervision;
    private final AtomicInteger port;

    /** @param port where the port that was bound is told */
    HttpVerticle(
            HttpServerOptions options,
            CongestionControl congestionControl,
            Features features,
            Supervision supervision,
            AtomicInteger port) {
        this.options = options;
        this.congestionControl = congestionControl;
        this.features = features;
        this.supervision = supervision;
        this.port = port;
    }

    @Override
    public Future<?> start() {
        supervision.transfers().watchLoop();
        HeadDeadline deadline = HeadDeadline.start(vertx);
        Turns turns = Turns.ofLoop();
        Router router = Routes.router(vertx, features, supervision);
        return vertx.createHttpServer(options)
                .connectionHandler(connection -> {
                    deadline.opened(connection);
                    congestionControl.opened(connection);
                })
                .invalidRequestHandler(new UnreadableRequest(supervision.meters()))
                .requestHandler(request -> {
                    deadline.begun(request);
                    turns.disturb();
                    router.handle(request);
                })
                .listen()
                .onSuccess(listening -> port.set(listening.actualPort()));
    }
}
