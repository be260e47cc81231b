package dev.sluice.server;

import dev.sluice.database.Database;
import dev.sluice.delivery.Supervision;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.healthchecks.CheckResult;
import io.vertx.ext.healthchecks.HealthChecks;
import io.vertx.ext.healthchecks.Status;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.healthchecks.HealthCheckHandler;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** The port that the platform asks, apart from clients' traffic. */
final class Management {
    /** Prometheus' text format. */
    private static final String EXPOSITION = "text/plain; version=0.0.4; charset=utf-8";

    /** A scrape must not wait for the database, so that its answer is kept. */
    private static final Duration PROBE = Duration.ofSeconds(5);

    private Management() {}

    private static int up(AsyncResult<CheckResult> checked) {
        return checked.succeeded() && CheckResult.isUp(checked.result()) ? 1 : 0;
    }

    static Future<HttpServer> listen(
            Vertx vertx,
            CongestionControl congestionControl,
            Database database,
            Supervision supervision,
            ServerConfig.Management config) {
        HealthChecks live = HealthChecks.create(vertx).register("process", check -> check.complete(Status.OK()));
        HealthChecks ready = HealthChecks.create(vertx)
                .register(
                        "database",
                        2_000,
                        check -> database.call("select 1", Tuple.tuple())
                                .map(rows -> Status.OK())
                                .otherwise(unreachable -> Status.KO())
                                .onComplete(check))
                .register(
                        "draining",
                        check -> check.complete(supervision.transfers().draining() ? Status.KO() : Status.OK()));
        AtomicInteger answered = new AtomicInteger();
        supervision.meters().ready(() -> supervision.transfers().draining() ? 0 : answered.get());
        Runnable probe = () -> ready.checkStatus().onComplete(checked -> answered.set(up(checked)));
        probe.run();
        vertx.setPeriodic(PROBE.toMillis(), tick -> probe.run());
        Router router = Router.router(vertx);
        ProblemMapper problems = new ProblemMapper();
        router.route().handler(new CurrentDate()).failureHandler(problems::handle);
        router.errorHandler(404, problems::handle);
        route(router, "/health/live", HealthCheckHandler.createWithHealthChecks(live));
        route(router, "/health/ready", HealthCheckHandler.createWithHealthChecks(ready));
        route(
                router,
                "/metrics",
                ctx -> ctx.response()
                        .putHeader(HttpHeaders.CONTENT_TYPE, EXPOSITION)
                        .end(supervision.meters().scrape()));
        return vertx.createHttpServer(
                        new HttpServerOptions().setHost(config.host()).setPort(config.port()))
                .connectionHandler(congestionControl::opened)
                .requestHandler(router)
                .listen();
    }

    private static void route(Router router, String path, Handler<RoutingContext> answer) {
        router.route(path).method(HttpMethod.GET).method(HttpMethod.HEAD).handler(answer);
        router.route(path).handler(ctx -> ctx.fail(new ProblemException(Problem.methodNotAllowed("GET, HEAD"))));
    }
}
