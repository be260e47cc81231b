package dev.sluice.server;

import static dev.sluice.catalog.CatalogHandlers.MODEL_ID;
import static dev.sluice.jobs.AutoMlDownloads.MODEL;
import static dev.sluice.jobs.Downloads.PATH;
import static dev.sluice.jobs.JobHandlers.JOB_ID;
import static dev.sluice.models.LinkHandlers.FILENAME;
import static dev.sluice.models.LinkHandlers.TOKEN;
import static dev.sluice.models.ModelHandlers.ID;
import static dev.sluice.models.ShareHandlers.GRANTEE;

import dev.sluice.access.Authenticated;
import dev.sluice.catalog.CatalogHandlers;
import dev.sluice.delivery.Supervision;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import dev.sluice.jobs.AutoMlDownloads;
import dev.sluice.jobs.Downloads;
import dev.sluice.jobs.JobHandlers;
import dev.sluice.jobs.ListingHandlers;
import dev.sluice.jobs.Uploads;
import dev.sluice.models.ModelFeatures;
import dev.sluice.ui.Page;
import dev.sluice.ui.Pages;
import dev.sluice.ui.UserInterface;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The routing table: the map of the system. A router belongs to one event loop. */
final class Routes {
    private static final long JSON_BODY = 16 << 20;
    private static final long METRICS_BODY = 16 << 20;
    private static final long SMALL_BODY = 64 << 10;

    private static final long MODEL_BODY = 1 << 20;

    private static final String MODEL_FILES_NAME = "/api/models/:" + ID + "/files/:" + PATH;
    private static final String FILES_NAME = "/api/training/:" + JOB_ID + "/files/:" + PATH;
    private static final String MODEL_FILES = "\\/api\\/models\\/([^\\/]+)\\/files\\/(.+)";
    private static final String FILES = "\\/api\\/training\\/([^\\/]+)\\/files\\/(.+)";

    private final Router router;
    private final Map<String, List<String>> allowed = new LinkedHashMap<>();
    private final ProblemMapper problems = new ProblemMapper();

    private Routes(Vertx vertx) {
        router = Router.router(vertx);
    }

    static Router router(Vertx vertx, Features features, Supervision supervision) {
        return new Routes(vertx).table(features, supervision).router;
    }

    private Routes table(Features features, Supervision supervision) {
        JobHandlers jobs = features.jobs();
        ListingHandlers listings = features.listings();
        Downloads downloads = features.downloads();
        AutoMlDownloads autoMl = features.autoMl();
        Uploads uploads = features.uploads();

        router.route().handler(RequestId::assign).failureHandler(problems::handle);
        for (int status : List.of(400, 404, 405, 413, 415, 500)) {
            router.errorHandler(status, problems::handle);
        }
        router.route().handler(new CurrentDate());
        router.route().handler(features.responses());
        router.route().handler(features.proxies());
        router.route().handler(ctx -> closeWhenDraining(ctx, supervision));
        router.route().handler(features.crossOrigin());
        router.route().handler(Routes::refuseSeveralHosts);
        router.route().handler(RequestTarget::requireWellFormed);
        get("/version", Routes::version);
        get("/api/openapi.yaml", features.api()::document);
        get("/docs", features.api()::page);
        for (String protectedPath : List.of("/api/*", "/ml/*", "/models/save")) {
            router.route(protectedPath).handler(features.authentication());
        }

        json(HttpMethod.POST, "/api/training/jobs", JSON_BODY, jobs::register);
        get("/api/training/jobs", jobs::list);
        get("/api/training/jobs/:" + JOB_ID, jobs::get);
        json(HttpMethod.PATCH, "/api/training/jobs/:" + JOB_ID, JSON_BODY, jobs::patch);
        json(HttpMethod.POST, "/api/training/jobs/:" + JOB_ID + "/metrics", METRICS_BODY, jobs::metrics);
        get("/api/training/:" + JOB_ID + "/checkpoints", listings::checkpoints);
        get("/api/training/:" + JOB_ID + "/files", listings::files);
        get("/api/training/:" + JOB_ID + "/metrics", jobs::metricsOf);
        get("/api/training/:" + JOB_ID + "/leaderboard", jobs::leaderboard);
        get("/api/training/:" + JOB_ID + "/tail", jobs::tail);

        files(HttpMethod.GET, streamed(supervision, downloads::file));
        files(HttpMethod.HEAD, downloads::file);
        files(HttpMethod.PUT, uploads::put);
        archive("/api/training/:" + JOB_ID + "/download/model", streamed(supervision, downloads::model));
        archive("/api/training/:" + JOB_ID + "/download/logs", streamed(supervision, downloads::logs));
        get("/ml/download-model/:" + JOB_ID + "/:" + MODEL, streamed(supervision, autoMl::model));
        get("/ml/download-leaderboard/:" + JOB_ID, streamed(supervision, autoMl::leaderboard));
        archive("/ml/download-all-models/:" + JOB_ID, streamed(supervision, autoMl::all));

        get("/api/downloads", features.records()::downloads);
        get("/api/downloads/stats", features.records()::statistics);
        get("/api/audit", features.records()::audit);
        models(features.models());
        catalog(features.catalog());
        pages(features.ui());
        refuseOtherMethods();
        return this;
    }

    private void models(ModelFeatures models) {
        get("/api/models", models.models()::list);
        json(HttpMethod.POST, "/api/models", MODEL_BODY, models.save()::save);
        json(HttpMethod.POST, "/models/save", MODEL_BODY, models.save()::save);
        get("/api/models/stats", models.overview()::stats);
        get("/api/models/compare", models.overview()::compare);
        json(HttpMethod.POST, "/api/models/bulk", MODEL_BODY, models.overview()::bulk);
        get("/api/models/:" + ID, models.models()::get);
        json(HttpMethod.PATCH, "/api/models/:" + ID, MODEL_BODY, models.models()::patch);
        call(HttpMethod.DELETE, "/api/models/:" + ID, models.models()::delete);
        call(HttpMethod.POST, "/api/models/:" + ID + "/restore", models.models()::restore);
        get("/api/models/:" + ID + "/versions", models.models()::versions);
        call(HttpMethod.POST, "/api/models/:" + ID + "/rollback", models.models()::rollBack);
        archive("/api/models/:" + ID + "/archive", models.downloads()::archive);
        get("/api/models/:" + ID + "/SHA256SUMS", models.downloads()::sums);
        get("/api/models/:" + ID + "/model.meta4", models.links()::metalink);
        json(HttpMethod.POST, "/api/models/:" + ID + "/download", MODEL_BODY, models.links()::issue);
        get("/api/models/:" + ID + "/shares", models.shares()::list);
        call(HttpMethod.PUT, "/api/models/:" + ID + "/shares/:" + GRANTEE, models.shares()::put);
        call(HttpMethod.DELETE, "/api/models/:" + ID + "/shares/:" + GRANTEE, models.shares()::delete);
        get("/api/notifications", models.notifications()::list);
        call(HttpMethod.POST, "/api/notifications/:" + ID + "/read", models.notifications()::read);
        get("/dl/:" + TOKEN + "/:" + FILENAME, models.links()::deliver);
        for (HttpMethod method : List.of(HttpMethod.GET, HttpMethod.HEAD)) {
            router.routeWithRegex(method, MODEL_FILES)
                    .setName(MODEL_FILES_NAME)
                    .setRegexGroupsNames(List.of(ID, PATH))
                    .handler(exit(models.downloads()::file));
        }
    }

    private void catalog(CatalogHandlers catalog) {
        String model = "/api/catalog/:" + MODEL_ID;
        get("/api/catalog", catalog::list);
        json(HttpMethod.POST, model + "/download", SMALL_BODY, catalog::download);
        route(HttpMethod.DELETE, model + "/download").handler(exit(catalog::cancel));
        get(model + "/progress", catalog::progress);
        json(HttpMethod.POST, model + "/verify", SMALL_BODY, catalog::verify);
        get(model + "/file", catalog::file);
        route(HttpMethod.DELETE, model).handler(exit(catalog::delete));
    }

    private void pages(UserInterface ui) {
        get("/", ui.pages()::home);
        for (Page page : Page.values()) {
            get(page.route(), ctx -> ui.pages().show(ctx, page));
        }
        get("/assets/:" + Pages.RELEASE + "/:" + Pages.NAME, ui.pages()::asset);
        get("/favicon.ico", ui.pages()::icon);
        get("/favicon.svg", ui.pages()::icon);
        json(HttpMethod.POST, "/session", SMALL_BODY, ui.session()::begin);
        call(HttpMethod.DELETE, "/session", ui.session()::end);
    }

    /** RFC 9112 §9.6: the client should ask elsewhere next. A connection of HTTP/2 is told by GOAWAY when the server closes. */
    private static void closeWhenDraining(RoutingContext ctx, Supervision supervision) {
        if (supervision.transfers().draining() && ctx.request().version() != HttpVersion.HTTP_2) {
            ctx.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            // With a body unread, closing would take the answer from the client; and one that is answered at once has
            // not ended yet.
            Future<Void> received = ctx.request().end();
            ctx.addEndHandler(sent ->
                    received.onSuccess(ended -> ctx.request().connection().close()));
        }
        ctx.next();
    }

    private void get(String path, Function<RoutingContext, Future<Void>> call) {
        route(HttpMethod.GET, path).handler(exit(call));
        route(HttpMethod.HEAD, path).handler(exit(call));
    }

    /** Without a body that matters. */
    private void call(HttpMethod method, String path, Function<RoutingContext, Future<Void>> call) {
        route(method, path).handler(exit(call));
    }

    private Route route(HttpMethod method, String path) {
        allowed.computeIfAbsent(path, first -> new ArrayList<>()).add(method.name());
        return router.route(method, path);
    }

    /** Last of all: what has a route, but none for this method. */
    private void refuseOtherMethods() {
        allowed.forEach((path, methods) -> router.route(path)
                .handler(ctx -> ctx.fail(new ProblemException(Problem.methodNotAllowed(String.join(", ", methods))))));
        router.routeWithRegex(FILES)
                .handler(ctx -> ctx.fail(new ProblemException(Problem.methodNotAllowed("GET, HEAD, PUT"))));
        router.routeWithRegex(MODEL_FILES)
                .handler(ctx -> ctx.fail(new ProblemException(Problem.methodNotAllowed("GET, HEAD"))));
    }

    /** With and without the name under which a client wants to save it. */
    private void archive(String path, Function<RoutingContext, Future<Void>> call) {
        get(path, call);
        get(path + "/:" + Downloads.TRAILING_NAME, call);
    }

    private void files(HttpMethod method, Function<RoutingContext, Future<Void>> call) {
        router.routeWithRegex(method, FILES)
                .setName(FILES_NAME)
                .setRegexGroupsNames(List.of(JOB_ID, PATH))
                .handler(exit(call));
    }

    /** With a body of moderate size: JSON, or a form. */
    private void json(HttpMethod method, String path, long maxBody, Function<RoutingContext, Future<Void>> call) {
        route(method, path)
                .handler(BodyDeadline.ofAtMost(maxBody))
                .handler(BodyHandler.create(false).setBodyLimit(maxBody))
                .handler(exit(call));
    }

    /** From here, never sent on to a store: who has to wait, or is refused, waits and is refused first of all. */
    private static Function<RoutingContext, Future<Void>> streamed(
            Supervision supervision, Function<RoutingContext, Future<Void>> call) {
        return ctx -> supervision.inTurn(ctx, Authenticated.subject(ctx).owner(), () -> call.apply(ctx));
    }

    /** Every call answers itself, or fails here. */
    private static Handler<RoutingContext> exit(Function<RoutingContext, Future<Void>> call) {
        return ctx -> call.apply(ctx).onFailure(failure -> ProblemMapper.fail(ctx, failure));
    }

    /** RFC 9112 §3.2: who stands in between may have routed by another host than is read here. None is refused by the router. */
    private static void refuseSeveralHosts(RoutingContext ctx) {
        if (ctx.request().headers().getAll(HttpHeaders.HOST).size() > 1) {
            throw new ProblemException(Problem.badRequest("Exactly one Host is required"));
        }
        ctx.next();
    }

    private static Future<Void> version(RoutingContext ctx) {
        Buffer json = new JsonObject()
                .put("name", "sluice")
                .put("version", Version.CURRENT)
                .toBuffer();
        return ctx.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(json.length()))
                .end(json);
    }
}
