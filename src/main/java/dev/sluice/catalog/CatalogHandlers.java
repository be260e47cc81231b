package dev.sluice.catalog;

import dev.sluice.access.Authenticated;
import dev.sluice.access.Scope;
import dev.sluice.access.Subject;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import dev.sluice.ingest.FetchRequest;
import dev.sluice.ingest.Fetcher;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The calls on the catalog, one method a route, on the event loop. Each future completes when the answer is written, or fails with
 * nothing written. Everyone who is authenticated may look and download; changes need {@link Scope#ADMIN}.
 */
public final class CatalogHandlers {
    public static final String MODEL_ID = "model_id";

    private static final Set<String> OPTIONS = Set.of("max_bytes_per_second", "connections");

    private final Catalog catalog;
    private final CatalogQueries queries;
    private final CatalogFiles files;
    private final CatalogWorker worker;
    private final CatalogDelivery delivery;
    private final Fetcher fetcher;
    private final Verification verification;
    private final WorkerExecutor workers;

    public CatalogHandlers(
            Catalog catalog,
            CatalogQueries queries,
            CatalogFiles files,
            CatalogWorker worker,
            CatalogDelivery delivery,
            Fetcher fetcher,
            WorkerExecutor workers) {
        this.catalog = catalog;
        this.queries = queries;
        this.files = files;
        this.worker = worker;
        this.delivery = delivery;
        this.fetcher = fetcher;
        this.verification = new Verification(queries, files, workers);
        this.workers = workers;
    }

    /** {@code GET /api/catalog}. */
    public Future<Void> list(RoutingContext ctx) {
        return queries.all().compose(downloads -> {
            JsonArray models = new JsonArray();
            catalog.entries().forEach(entry -> models.add(model(entry, downloads)));
            return send(ctx, 200, new JsonObject().put("models", models));
        });
    }

    private static JsonObject model(CatalogEntry entry, Map<String, CatalogDownload> downloads) {
        Optional<CatalogDownload> download = Optional.ofNullable(downloads.get(entry.id()));
        Optional<CatalogDownload.KeptFile> file = download.flatMap(CatalogDownload::file);
        JsonObject json = new JsonObject()
                .put("id", entry.id())
                .put("name", entry.name())
                .put("file_name", entry.fileName())
                .put("url", entry.urls().get(0))
                .put("size", entry.size().isPresent() ? entry.size().getAsLong() : null)
                .put("sha256", entry.sha256().orElse(null))
                .put("description", entry.description())
                .put("recommended", entry.recommended())
                .put("state", state(download))
                .put("error", download.flatMap(CatalogDownload::error).orElse(null));
        file.ifPresent(kept -> json.put(
                "file",
                new JsonObject()
                        .put("size", kept.size())
                        .put("sha256", kept.sha256())
                        .put("verified", kept.verified())
                        .put("url", CatalogDelivery.url(entry, kept))));
        return json;
    }

    /** A file whose digest nobody promised is there, and says so. */
    private static String state(Optional<CatalogDownload> download) {
        boolean unverified = download.flatMap(CatalogDownload::file)
                .filter(kept -> !kept.verified())
                .isPresent();
        return unverified
                ? "unverified"
                : download.map(row -> row.status().label()).orElse("available");
    }

    /** {@code POST …/download}: 202 when it begins or is under way, 200 when it is there, 507 when it would not fit. */
    public Future<Void> download(RoutingContext ctx) {
        return administrator(ctx).compose(admin -> {
            CatalogEntry entry = entry(ctx);
            JsonObject options = options(ctx);
            OptionalLong bytesPerSecond = number(options, "max_bytes_per_second", Long.MAX_VALUE);
            long connections = number(options, "connections", FetchRequest.MOST_CONNECTIONS)
                    .orElse(1);
            return queries.find(entry.id())
                    .compose(before -> requireRoom(entry, before))
                    .compose(room -> queries.request(
                            entry.id(), admin.owner(), requestId(ctx), bytesPerSecond, (int) connections))
                    .compose(requested -> {
                        worker.claim();
                        boolean there = requested.download().status() == DownloadStatus.COMPLETED;
                        ctx.response().putHeader(HttpHeaders.LOCATION, "/api/catalog/" + entry.id() + "/progress");
                        return send(ctx, there ? 200 : 202, requested.download().toJson(entry));
                    });
        });
    }

    /** Only for what would begin now; what an earlier try left counts as missing, for it may not be of use. */
    private Future<Void> requireRoom(CatalogEntry entry, Optional<CatalogDownload> before) {
        boolean begins = before.map(download ->
                        download.status() == DownloadStatus.FAILED || download.status() == DownloadStatus.CANCELLED)
                .orElse(true);
        if (!begins) {
            return Future.succeededFuture();
        }
        return fetcher.hasRoomFor(entry.size().orElse(0))
                .compose(fits -> fits
                        ? Future.succeededFuture()
                        : Future.failedFuture(new ProblemException(
                                Problem.insufficientStorage("No space is left for this content"))));
    }

    private static JsonObject options(RoutingContext ctx) {
        Buffer body = ctx.body().buffer();
        if (body == null || body.length() == 0) {
            return new JsonObject();
        }
        try {
            JsonObject options = new JsonObject(body);
            options.fieldNames().stream()
                    .filter(name -> !OPTIONS.contains(name))
                    .findFirst()
                    .ifPresent(unknown -> {
                        throw badOption(
                                "is not known; there are "
                                        + String.join(
                                                " and ",
                                                OPTIONS.stream().sorted().toList()),
                                "a member");
                    });
            return options;
        } catch (DecodeException | ClassCastException malformed) {
            throw new ProblemException(Problem.badRequest("The body is not a JSON object"));
        }
    }

    private static OptionalLong number(JsonObject options, String name, long most) {
        @Nullable Object value = options.getValue(name);
        if (value == null) {
            return OptionalLong.empty();
        }
        boolean integer = value instanceof Integer || value instanceof Long;
        if (!integer || ((Number) value).longValue() < 1 || ((Number) value).longValue() > most) {
            throw badOption("must be a whole number from 1 to " + most, name);
        }
        return OptionalLong.of(((Number) value).longValue());
    }

    private static ProblemException badOption(String fault, String name) {
        return new ProblemException(Problem.badRequest(name + " " + fault));
    }

    /** {@code GET …/progress}: JSON, or a stream of it for who accepts {@code text/event-stream}. */
    public Future<Void> progress(RoutingContext ctx) {
        CatalogEntry entry = entry(ctx);
        @Nullable String accept = ctx.request().getHeader(HttpHeaders.ACCEPT);
        return asked(entry).compose(download -> {
            if (accept != null && accept.contains("text/event-stream")) {
                return new ProgressStream(ctx, entry, queries).run(download);
            }
            return send(ctx, 200, download.toJson(entry));
        });
    }

    /** {@code DELETE …/download}: cancels what is queued or under way; what has come is kept for the next time, for a while. */
    public Future<Void> cancel(RoutingContext ctx) {
        return administrator(ctx).compose(admin -> {
            CatalogEntry entry = entry(ctx);
            return queries.cancel(entry.id(), admin.owner(), requestId(ctx))
                    .compose(cancelled -> cancelled.isPresent()
                            ? send(ctx, 200, cancelled.get().toJson(entry))
                            : asked(entry)
                                    .compose(ended -> Future.failedFuture(
                                            new ProblemException(Problem.conflict("The download has already ended")))));
        });
    }

    /** {@code POST …/verify}: reads every byte of the file that is kept. */
    public Future<Void> verify(RoutingContext ctx) {
        CatalogEntry entry = entry(ctx);
        return verification.of(entry.id()).compose(fault -> {
            JsonObject json = new JsonObject().put("valid", fault.isEmpty());
            fault.ifPresent(words -> json.put("error", words));
            return send(ctx, 200, json);
        });
    }

    /** {@code DELETE …}: the file, or what has come of it. */
    public Future<Void> delete(RoutingContext ctx) {
        return administrator(ctx).compose(admin -> {
            CatalogEntry entry = entry(ctx);
            return queries.delete(entry.id(), admin.owner(), requestId(ctx))
                    .compose(deleted -> deleted.isPresent()
                            ? Future.succeededFuture(deleted.get())
                            : Future.failedFuture(notDownloaded()))
                    .compose(deleted ->
                            fetcher.forget(CatalogWorker.key(entry.id())).map(deleted))
                    .compose(deleted -> deleted.file().isEmpty()
                            ? Future.succeededFuture()
                            : remove(deleted.file().get()))
                    .compose(removed -> ctx.response().setStatusCode(204).end());
        });
    }

    /** Two models may be one file. */
    private Future<Void> remove(CatalogDownload.KeptFile file) {
        return queries.all().compose(others -> {
            boolean shared = others.values().stream()
                    .flatMap(other -> other.file().stream())
                    .anyMatch(kept -> kept.sha256().equals(file.sha256()));
            return shared
                    ? Future.succeededFuture()
                    : workers.executeBlocking(
                                    () -> {
                                        files.delete(file.sha256());
                                        return file;
                                    },
                                    false)
                            .mapEmpty();
        });
    }

    /** {@code GET …/file}. */
    public Future<Void> file(RoutingContext ctx) {
        CatalogEntry entry = entry(ctx);
        return queries.find(entry.id())
                .compose(download -> download.flatMap(CatalogDownload::file)
                        .map(file -> delivery.deliver(ctx, entry, file))
                        .orElseGet(() -> Future.failedFuture(notDownloaded())));
    }

    private Future<CatalogDownload> asked(CatalogEntry entry) {
        return queries.find(entry.id())
                .compose(download ->
                        download.map(Future::succeededFuture).orElseGet(() -> Future.failedFuture(notDownloaded())));
    }

    private static ProblemException notDownloaded() {
        return new ProblemException(Problem.notFound("Model not downloaded"));
    }

    private CatalogEntry entry(RoutingContext ctx) {
        return catalog.find(ctx.pathParam(MODEL_ID))
                .orElseThrow(() -> new ProblemException(Problem.notFound("Model not found")));
    }

    private static String requestId(RoutingContext ctx) {
        return ctx.response().headers().get("X-Request-Id");
    }

    /** RFC 6750 §3.1. */
    private static Future<Subject> administrator(RoutingContext ctx) {
        Subject subject = Authenticated.subject(ctx);
        return subject.has(Scope.ADMIN)
                ? Future.succeededFuture(subject)
                : Future.failedFuture(
                        new ProblemException(Problem.forbidden("The token lacks the scope " + Scope.ADMIN.value())
                                .withHeader(
                                        "WWW-Authenticate",
                                        "Bearer error=\"insufficient_scope\", scope=\"" + Scope.ADMIN.value() + "\"")));
    }

    private static Future<Void> send(RoutingContext ctx, int status, JsonObject json) {
        Buffer body = json.toBuffer();
        return ctx.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                // Told to a HEAD as well, which gets no body.
                .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()))
                .end(body);
    }
}
