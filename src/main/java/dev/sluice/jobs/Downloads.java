package dev.sluice.jobs;

import dev.sluice.archive.EntryName;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import dev.sluice.storage.LiveFile;
import dev.sluice.storage.Snapshot;
import dev.sluice.storage.Workspace;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The downloads of a live training job. Every future completes when the response has ended, or fails with what the one exit
 * maps. Event loop; directories are walked on the worker.
 */
public final class Downloads {
    /** Path parameter of what a client appends so that {@code curl -O} saves under a good name. */
    public static final String TRAILING_NAME = "name";

    public static final String PATH = "path";

    private final OwnedJobs owned;
    private final Workspace workspace;
    private final WorkerExecutor workers;
    private final LiveDelivery delivery;

    public Downloads(OwnedJobs owned, Workspace workspace, WorkerExecutor workers, LiveDelivery delivery) {
        this.owned = owned;
        this.workspace = workspace;
        this.workers = workers;
        this.delivery = delivery;
    }

    /** {@code …/download/model}, whole or one checkpoint of it. */
    public Future<Void> model(RoutingContext ctx) {
        @Nullable String checkpoint = ctx.request().getParam("checkpoint");
        return owned.job(ctx).compose(job -> {
            String basename = "model_" + job.id() + (checkpoint == null ? "" : "_" + checkpoint);
            String kind = checkpoint == null ? "model" : "checkpoint";
            return delivery.archive(ctx, job, () -> modelDirectory(job, checkpoint), kind, basename);
        });
    }

    /** {@code …/download/logs}. */
    public Future<Void> logs(RoutingContext ctx) {
        return owned.job(ctx)
                .compose(job -> delivery.archive(
                        ctx,
                        job,
                        () -> workers.executeBlocking(() -> logFiles(job), false),
                        "logs",
                        "logs_" + job.id()));
    }

    /** {@code …/files/{path}}. */
    public Future<Void> file(RoutingContext ctx) {
        Optional<EntryName> path = UntrustedNames.path(ctx.pathParam(PATH));
        return owned.job(ctx)
                .compose(job -> workers.executeBlocking(() -> file(job, path), false)
                        .compose(file -> delivery.file(ctx, job, file, UntrustedNames.last(file.path()))));
    }

    private LiveFile file(Job job, Optional<EntryName> path) throws Exception {
        Optional<LiveFile> found =
                path.isEmpty() ? Optional.empty() : workspace.find(job.id().value(), path.get());
        return found.orElseThrow(() -> notFound("File not found"));
    }

    private Snapshot logFiles(Job job) throws Exception {
        String id = job.id().value();
        List<LiveFile> files = new ArrayList<>();
        files.add(workspace
                .find(id, EntryName.parse("training.log"))
                .orElseThrow(() -> notFound("Training log not found for job " + id)));
        workspace.find(id, EntryName.parse("progress.json")).ifPresent(files::add);
        return new Snapshot(id, "", files, List.of());
    }

    private Future<Snapshot> modelDirectory(Job job, @Nullable String checkpoint) {
        if (checkpoint == null) {
            return workers.executeBlocking(() -> model(job), false);
        }
        if (UntrustedNames.segment(checkpoint).isEmpty() || checkpoint.contains("..")) {
            return Future.failedFuture(new ProblemException(Problem.badRequest("Invalid checkpoint name")));
        }
        return workers.executeBlocking(() -> checkpoint(job, checkpoint), false);
    }

    private Snapshot model(Job job) throws Exception {
        return workspace
                .walk(job.id().value(), "model")
                .orElseThrow(() -> notFound("Model directory not found for job " + job.id()));
    }

    private Snapshot checkpoint(Job job, String checkpoint) throws Exception {
        Optional<Snapshot> found = workspace.walk(job.id().value(), "model/" + checkpoint);
        if (found.isEmpty() && workspace.walk(job.id().value(), "model").isEmpty()) {
            throw notFound("Model directory not found for job " + job.id());
        }
        return found.orElseThrow(() -> notFound("Checkpoint '" + checkpoint + "' not found"));
    }

    private static ProblemException notFound(String detail) {
        return new ProblemException(Problem.notFound(detail));
    }
}
