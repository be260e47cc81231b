package dev.sluice.models;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.sluice.delivery.PublishedPlans;
import dev.sluice.http.EntityTag;
import dev.sluice.http.Paging;
import dev.sluice.jobs.Faults;
import dev.sluice.jobs.Job;
import dev.sluice.jobs.Json;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.UUID;

/**
 * The JSON calls on published models, one method a route, on the event loop. Each future completes when the answer is written, or
 * fails with nothing written.
 */
public final class ModelHandlers {
    /** Path parameter. */
    public static final String ID = "id";

    private static final int DEFAULT_LIMIT = 12;

    private final ModelQueries models;
    private final ModelChanges changes;
    private final PublishedContents contents;
    private final JobRecords jobs;

    public ModelHandlers(ModelQueries models, ModelChanges changes, PublishedContents contents, JobRecords jobs) {
        this.models = models;
        this.changes = changes;
        this.contents = contents;
        this.jobs = jobs;
    }

    /** {@code GET /api/models}: the subject's own and what is shared with it. */
    public Future<Void> list(RoutingContext ctx) {
        return Future.<Void>future(read -> read.complete()).compose(done -> {
            Faults faults = Faults.ofQuery();
            Paging page = Paging.from(ctx.queryParams()::getAll, DEFAULT_LIMIT, faults::add);
            ModelFilter filter = ModelFilter.read(ctx.queryParams(), faults);
            faults.raise();
            return models.list(Answers.subject(ctx), filter, page).compose(listed -> {
                ObjectNode data = Json.object();
                data.set("models", Json.array(listed.models(), Model::toJson));
                data.putPOJO("pagination", page.describe(listed.total()));
                return Answers.send(ctx, 200, data);
            });
        });
    }

    /** {@code GET /api/models/{id}}. */
    public Future<Void> get(RoutingContext ctx) {
        return readable(ctx).compose(model -> detail(ctx, model)).compose(data -> Answers.send(ctx, 200, data));
    }

    /** {@code PATCH /api/models/{id}}: 200 with the model as it is now. */
    public Future<Void> patch(RoutingContext ctx) {
        return own(ctx).compose(model -> Answers.body(ctx, ModelPatch::read)
                        .compose(patch ->
                                changes.change(Answers.subject(ctx), model.id(), patch, Answers.requestId(ctx))))
                .compose(model -> detail(ctx, model))
                .compose(data -> Answers.send(ctx, 200, data));
    }

    /** {@code DELETE /api/models/{id}}: can be restored for a while. */
    public Future<Void> delete(RoutingContext ctx) {
        return own(ctx).compose(
                        model -> changes.delete(Answers.subject(ctx), List.of(model.id()), Answers.requestId(ctx)))
                .compose(deleted -> deleted.isEmpty()
                        ? Future.failedFuture(ModelQueries.notFound())
                        : Answers.send(
                                ctx, 200, Json.object().put("id", deleted.get(0).toString())));
    }

    /** {@code POST /api/models/{id}/restore}: 200 with the model. */
    public Future<Void> restore(RoutingContext ctx) {
        return Future.succeededFuture()
                .compose(start -> changes.restore(Answers.subject(ctx), Answers.id(ctx), Answers.requestId(ctx)))
                .compose(model -> detail(ctx, model))
                .compose(data -> Answers.send(ctx, 200, data));
    }

    /** {@code GET /api/models/{id}/versions}: newest first. */
    public Future<Void> versions(RoutingContext ctx) {
        return readable(ctx)
                .compose(model -> models.versions(Answers.subject(ctx), model))
                .compose(versions -> {
                    ObjectNode data = Json.object();
                    data.set("versions", Json.array(versions, Model::toJson));
                    return Answers.send(ctx, 200, data);
                });
    }

    /** {@code POST /api/models/{id}/rollback}: 201 with a new version of this one's content. */
    public Future<Void> rollBack(RoutingContext ctx) {
        return own(ctx).compose(model -> changes.rollBack(Answers.subject(ctx), model.id(), Answers.requestId(ctx)))
                .compose(model -> created(ctx, model));
    }

    /** 201 with a new model. */
    Future<Void> created(RoutingContext ctx, Model model) {
        return detail(ctx, model).compose(data -> {
            ctx.response().putHeader(HttpHeaders.LOCATION, ModelUrls.model(model.id()));
            return Answers.send(ctx, 201, data);
        });
    }

    private Future<Model> readable(RoutingContext ctx) {
        return Future.succeededFuture().compose(start -> models.find(Answers.subject(ctx), Answers.id(ctx)));
    }

    private Future<Model> own(RoutingContext ctx) {
        return Future.succeededFuture().compose(start -> models.findOwn(Answers.subject(ctx), Answers.id(ctx)));
    }

    private Future<ObjectNode> detail(RoutingContext ctx, Model model) {
        return contents.files(Answers.subject(ctx), model.id())
                .compose(files -> jobs.job(model)
                        .compose(job -> jobs.curves(List.of(model)).map(curves -> {
                            ObjectNode json = model.toJson();
                            json.set("files", files(model.id(), files));
                            json.set("job", job(model, job));
                            json.set("config", model.config());
                            json.set("training_summary", model.trainingSummary());
                            json.set("metrics", model.metrics());
                            json.set("curve", curves.getOrDefault(model.jobId(), Json.array()));
                            json.set("archive", archive(model));
                            return json;
                        })));
    }

    private static ArrayNode files(UUID id, List<ModelFile> files) {
        return Json.array(files.stream().filter(file -> !file.isDirectory()).toList(), file -> {
            ObjectNode json = Json.object()
                    .put("path", file.path())
                    .put("size", file.size())
                    .put("sha256", file.content().orElseThrow().sha256())
                    .put("modified_at", file.modified().toString())
                    .put(
                            "url",
                            ModelUrls.file(
                                    id,
                                    file.path(),
                                    PublishedPlans.tag(file.content().orElseThrow())));
            file.inspection().safety().ifPresent(safety -> json.put("safety", safety.label()));
            if (file.inspection().safety().isPresent()) {
                json.set("findings", Json.array(file.inspection().findings(), TextNode::valueOf));
            }
            file.inspection().summary().ifPresent(summary -> json.set("summary", summary));
            return json;
        });
    }

    /** Of another's job no more than what its model was made of. */
    private static ObjectNode job(Model model, Job job) {
        ObjectNode json = job.toJson();
        return json.retain(
                        "job_id", "name", "status", "dataset", "total_cost", "created_at", "started_at", "completed_at")
                .put("owner", model.owner());
    }

    private static ObjectNode archive(Model model) {
        EntityTag tag = EntityTag.strong(model.archive().tag());
        return Json.object()
                .put("filename", model.basename() + ".zip")
                .put("size", model.archive().size())
                .put("sha256", model.archive().sha256())
                .put("url", ModelUrls.archive(model.id(), tag));
    }
}
