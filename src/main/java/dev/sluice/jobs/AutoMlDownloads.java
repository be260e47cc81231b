package dev.sluice.jobs;

import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import dev.sluice.storage.LiveFile;
import dev.sluice.storage.Snapshot;
import dev.sluice.storage.Workspace;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;

/** The downloads of a completed AutoML task: what lies directly in its {@code models/}. Event loop; files on the worker. */
public final class AutoMlDownloads {
    public static final String MODEL = "model";

    private static final String DIRECTORY = "models";
    private static final String LEADERBOARD = "leaderboard.csv";
    private static final String PICKLE = ".pkl";

    private final OwnedJobs owned;
    private final Workspace workspace;
    private final WorkerExecutor workers;
    private final LiveDelivery delivery;

    public AutoMlDownloads(OwnedJobs owned, Workspace workspace, WorkerExecutor workers, LiveDelivery delivery) {
        this.owned = owned;
        this.workspace = workspace;
        this.workers = workers;
        this.delivery = delivery;
    }

    /** {@code /ml/download-model/{task}/{model}}. */
    public Future<Void> model(RoutingContext ctx) {
        String model = ctx.pathParam(MODEL);
        return file(ctx, model + PICKLE, "Model not found", task -> model + "_" + task + PICKLE);
    }

    /** {@code /ml/download-leaderboard/{task}}. */
    public Future<Void> leaderboard(RoutingContext ctx) {
        return file(ctx, LEADERBOARD, "Leaderboard not found", task -> "leaderboard_" + task + ".csv");
    }

    /** {@code /ml/download-all-models/{task}}: every model and the leaderboard. */
    public Future<Void> all(RoutingContext ctx) {
        return completed(ctx)
                .compose(task -> delivery.archive(
                        ctx,
                        task,
                        () -> workers.executeBlocking(() -> served(task), false),
                        "models",
                        "all_models_" + task.id()));
    }

    @FunctionalInterface
    private interface Naming {
        String of(JobId task);
    }

    private Future<Void> file(RoutingContext ctx, String name, String otherwise, Naming naming) {
        return completed(ctx)
                .compose(task -> workers.executeBlocking(() -> find(task, name, otherwise), false)
                        .compose(file -> delivery.file(ctx, task, file, naming.of(task.id()))));
    }

    private LiveFile find(Job task, String name, String otherwise) throws Exception {
        Snapshot served = served(task);
        Optional<LiveFile> file = served.files().stream()
                .filter(candidate -> served.relative(candidate.path()).equals(name))
                .findFirst();
        return file.orElseThrow(() -> notFound(otherwise));
    }

    private Snapshot served(Job task) throws Exception {
        Snapshot all =
                workspace.walk(task.id().value(), DIRECTORY).orElseThrow(() -> notFound("Models directory not found"));
        List<LiveFile> served = all.files().stream()
                .filter(file -> isServed(all.relative(file.path())))
                .toList();
        return new Snapshot(all.jobId(), all.subtree(), served, List.of());
    }

    private static boolean isServed(String name) {
        return name.indexOf('/') < 0 && (name.endsWith(PICKLE) || name.equals(LEADERBOARD));
    }

    private Future<Job> completed(RoutingContext ctx) {
        return owned.job(ctx)
                .recover(missing ->
                        Future.failedFuture(missing instanceof ProblemException ? notFound("Task not found") : missing))
                .map(task -> {
                    if (task.status() != JobStatus.COMPLETED) {
                        throw new ProblemException(Problem.badRequest("Training not completed"));
                    }
                    return task;
                });
    }

    private static ProblemException notFound(String detail) {
        return new ProblemException(Problem.notFound(detail));
    }
}
