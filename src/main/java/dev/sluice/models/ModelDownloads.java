package dev.sluice.models;

import dev.sluice.access.Caller;
import dev.sluice.archive.EntryFilter;
import dev.sluice.delivery.ArchiveFormat;
import dev.sluice.delivery.Arrival;
import dev.sluice.delivery.Asked;
import dev.sluice.delivery.Delivery;
import dev.sluice.delivery.PublishedPlans;
import dev.sluice.delivery.Representation;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import dev.sluice.jobs.ArchiveQuery;
import dev.sluice.jobs.MediaTypes;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The downloads of published models, through the one engine, from rows alone. Event loop. */
public final class ModelDownloads {
    /** Path parameter. */
    public static final String PATH = "path";

    static final String KIND = "published";

    private static final Logger log = LoggerFactory.getLogger(ModelDownloads.class);

    private final ModelQueries models;
    private final PublishedContents contents;
    private final PublishedPlans plans;
    private final Delivery delivery;

    public ModelDownloads(ModelQueries models, PublishedContents contents, PublishedPlans plans, Delivery delivery) {
        this.models = models;
        this.contents = contents;
        this.plans = plans;
        this.delivery = delivery;
    }

    /** {@code GET /api/models/{id}/archive}. */
    public Future<Void> archive(RoutingContext ctx) {
        String subject = Answers.subject(ctx);
        return readable(ctx).compose(model -> {
            ArchiveFormat format = ArchiveQuery.format(ctx);
            EntryFilter filter = ArchiveQuery.filter(ctx);
            return contents.files(subject, model.id())
                    .compose(files -> deliver(ctx, subject, model, archive(model, files, format, filter)));
        });
    }

    /** {@code GET /api/models/{id}/files/{path}}. */
    public Future<Void> file(RoutingContext ctx) {
        String subject = Answers.subject(ctx);
        return readable(ctx)
                .compose(model -> contents.files(subject, model.id())
                        .compose(files -> deliver(ctx, subject, model, file(files, ctx.pathParam(PATH)))));
    }

    /** {@code GET /api/models/{id}/SHA256SUMS}: for {@code sha256sum -c}. */
    public Future<Void> sums(RoutingContext ctx) {
        return readable(ctx)
                .compose(model -> contents.files(Answers.subject(ctx), model.id()))
                .compose(files -> text(ctx, "text/plain; charset=utf-8", Manifest.sha256sums(files)));
    }

    Representation archive(Model model, List<ModelFile> files, ArchiveFormat format, EntryFilter filter) {
        Representation archive = plans.archive(Intake.published(files), format, filter, KIND, model.basename());
        return archive.tag().opaque().equals(model.archive().tag())
                ? archive.withSha256(HexFormat.of().parseHex(model.archive().sha256()))
                : archive;
    }

    /** Fails with 404. */
    Representation file(List<ModelFile> files, String path) {
        ModelFile found = find(files, path).orElseThrow(() -> new ProblemException(Problem.notFound("File not found")));
        return plans.file(Intake.published(List.of(found)).get(0), KIND, found.name(), MediaTypes.of(found.name()));
    }

    static Optional<ModelFile> find(List<ModelFile> files, String path) {
        return files.stream()
                .filter(file -> !file.isDirectory() && file.path().equals(path))
                .findFirst();
    }

    Future<Void> deliver(RoutingContext ctx, String subject, Model model, Representation representation) {
        Asked asked = new Asked(
                ctx.request(),
                Caller.of(ctx).address(),
                subject,
                "model",
                model.id().toString(),
                ctx.response().headers().get("X-Request-Id"),
                Arrival.of(ctx));
        if (ctx.request().method().equals(HttpMethod.GET)) {
            log.info("Download of model {} version {} requested [{}]", model.id(), model.version(), asked.id());
        }
        return delivery.deliver(asked, representation);
    }

    private Future<Model> readable(RoutingContext ctx) {
        return Future.succeededFuture().compose(start -> models.find(Answers.subject(ctx), Answers.id(ctx)));
    }

    static Future<Void> text(RoutingContext ctx, String mediaType, String text) {
        Buffer body = Buffer.buffer(text);
        return ctx.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, mediaType)
                .putHeader(HttpHeaders.CACHE_CONTROL, "private, no-cache")
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()))
                .end(body);
    }
}
