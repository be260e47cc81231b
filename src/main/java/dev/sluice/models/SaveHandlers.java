package dev.sluice.models;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import dev.sluice.jobs.Faults;
import dev.sluice.jobs.Job;
import dev.sluice.jobs.JobId;
import dev.sluice.jobs.JobQueries;
import dev.sluice.jobs.JobStatus;
import dev.sluice.jobs.JsonReader;
import dev.sluice.jobs.Members;
import dev.sluice.storage.Snapshot;
import dev.sluice.storage.Workspace;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code POST /models/save}: an owner publishes what a completed job made, under a name of its own. Event loop. */
public final class SaveHandlers {
    private static final int MAX_ID = 255;

    private final JobQueries jobs;
    private final Workpieces workpieces;
    private final TrainingQueries trainings;
    private final Intake intake;
    private final ModelChanges changes;
    private final ModelHandlers models;
    private final WorkerExecutor worker;

    SaveHandlers(
            JobQueries jobs,
            Workspace workspace,
            TrainingQueries trainings,
            Intake intake,
            ModelChanges changes,
            ModelHandlers models,
            WorkerExecutor worker) {
        this.jobs = jobs;
        this.workpieces = new Workpieces(workspace);
        this.trainings = trainings;
        this.intake = intake;
        this.changes = changes;
        this.models = models;
        this.worker = worker;
    }

    /** @param model of an AutoML job, without its extension; else the job's own */
    private record Wanted(
            String task,
            String name,
            @Nullable String description,
            List<String> tags,
            @Nullable String model) {
        static Wanted read(byte[] body) {
            Faults faults = Faults.ofBody();
            JsonNode json = JsonReader.read(body, faults);
            Members members = Members.of(json, faults);
            if (!members.has("model_name")) {
                members.fault("model_name", "is required");
            }
            Wanted wanted = new Wanted(
                    members.requiredText("task_id", 1, MAX_ID),
                    Optional.ofNullable(Labels.name(members, "model_name")).orElse(""),
                    Labels.description(members),
                    Optional.ofNullable(Labels.tags(members, json, faults)).orElse(List.of()),
                    members.text("model", 1, MAX_ID));
            faults.raise();
            return wanted;
        }
    }

    /** 201 with the model; the same name again is its next version. */
    public Future<Void> save(RoutingContext ctx) {
        return Answers.body(ctx, Wanted::read)
                .compose(wanted -> completed(Answers.subject(ctx), wanted.task())
                        .compose(job -> publish(job, wanted, Answers.requestId(ctx))))
                .compose(model -> models.created(ctx, model));
    }

    private Future<Model> publish(Job job, Wanted wanted, String requestId) {
        return intake.take(() -> found(job.id(), wanted.model()))
                .compose(taken -> trainings
                        .of(job)
                        .compose(training -> worker.executeBlocking(
                                        () -> workpieces.metrics(job, wanted.model()), false)
                                .map(metrics -> new NewModel(
                                        job,
                                        "saved",
                                        wanted.name(),
                                        wanted.description() == null ? "" : wanted.description(),
                                        wanted.tags(),
                                        training,
                                        metrics,
                                        taken.files(),
                                        taken.archive())))
                        .compose(model -> changes.save(model, requestId)));
    }

    private Snapshot found(JobId job, @Nullable String model) throws IOException {
        Optional<Snapshot> found = model == null ? workpieces.main(job) : workpieces.named(job, model);
        return found.orElseThrow(ModelQueries::notFound);
    }

    private Future<Job> completed(String owner, String task) {
        return JobId.parse(task)
                .map(id -> jobs.find(owner, id))
                .orElseGet(() -> Future.failedFuture(JobQueries.notFound()))
                .recover(missing -> Future.failedFuture(
                        missing instanceof ProblemException
                                ? new ProblemException(Problem.notFound("Task not found"))
                                : missing))
                .map(job -> {
                    if (job.status() != JobStatus.COMPLETED) {
                        throw new ProblemException(Problem.badRequest("Training not completed"));
                    }
                    return job;
                });
    }
}
