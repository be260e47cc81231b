package dev.sluice.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.archive.EntryFilter;
import dev.sluice.delivery.ArchiveFormat;
import dev.sluice.delivery.LivePlans;
import dev.sluice.storage.ContentIndex;
import dev.sluice.storage.LiveFile;
import dev.sluice.storage.Snapshot;
import dev.sluice.storage.Workspace;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;

/**
 * What can be downloaded of a live job, with URLs that pin what was listed. One method a route, on the event loop; directories
 * are walked and JSON is written on the worker.
 */
public final class ListingHandlers {
    private static final EntryFilter EVERYTHING = EntryFilter.of(List.of(), List.of());

    private final OwnedJobs owned;
    private final WorkspaceListing workspace;
    private final ContentIndex index;
    private final LiveDelivery delivery;
    private final WorkerExecutor workers;

    public ListingHandlers(
            OwnedJobs owned, Workspace workspace, ContentIndex index, LiveDelivery delivery, WorkerExecutor workers) {
        this.owned = owned;
        this.workspace = new WorkspaceListing(workspace);
        this.index = index;
        this.delivery = delivery;
        this.workers = workers;
    }

    /** {@code GET /api/training/{job_id}/checkpoints}. */
    public Future<Void> checkpoints(RoutingContext ctx) {
        return owned.job(ctx)
                .compose(job -> workers.executeBlocking(() -> workspace.model(job.id()), false)
                        .compose(model -> checkpoints(job, model)))
                .compose(json -> JobHandlers.send(ctx, 200, Json.buffer(json)));
    }

    /** A checkpoint's tag is that of its plan, which chooses encodings where none were chosen yet. */
    private Future<JsonNode> checkpoints(Job job, Optional<Snapshot> model) {
        ArrayNode listed = Json.array();
        Future<Void> done = Future.succeededFuture();
        for (Checkpoint checkpoint : model.map(Checkpoint::in).orElse(List.of())) {
            done = done.compose(before -> delivery.plan(
                            job, checkpoint.within(model.orElseThrow()), ArchiveFormat.ZIP, EVERYTHING)
                    .map(plan -> {
                        listed.add(checkpoint.toJson(job.id(), plan.tag()));
                        return null;
                    }));
        }
        return done.map(all -> {
            ObjectNode json = Json.object();
            json.set("checkpoints", listed);
            return json;
        });
    }

    /** {@code GET /api/training/{job_id}/files}. */
    public Future<Void> files(RoutingContext ctx) {
        return owned.job(ctx)
                .compose(job -> index.find(job.owner(), job.id().value(), "")
                        .compose(known -> workers.executeBlocking(
                                () -> {
                                    ObjectNode json = Json.object();
                                    json.set(
                                            "files",
                                            Json.array(workspace.files(job.id()), file -> file(job.id(), file, known)));
                                    return Json.buffer(json);
                                },
                                false)))
                .compose(json -> JobHandlers.send(ctx, 200, json));
    }

    private static JsonNode file(JobId id, LiveFile file, ContentIndex.Known known) {
        return Json.object()
                .put("path", file.path())
                .put("size", file.size())
                .put("modified_at", file.modified().toString())
                .put("sha256", known.of(file).sha256().orElse(null))
                .put("url", JobUrls.file(id, file.path(), LivePlans.tag(file)));
    }
}
