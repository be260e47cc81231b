package dev.sluice.models;

import dev.sluice.database.Database;
import dev.sluice.http.ProblemException;
import dev.sluice.jobs.Job;
import dev.sluice.storage.ContentChanged;
import dev.sluice.storage.ContentIndex;
import dev.sluice.storage.LiveFile;
import dev.sluice.storage.Snapshot;
import dev.sluice.storage.StorageFull;
import dev.sluice.storage.Workspace;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Publishes completed jobs, one lease at a time. Event loop; files on the worker. */
public final class Publisher {
    private static final Logger log = LoggerFactory.getLogger(Publisher.class);

    static final Duration TERM = Duration.ofSeconds(60);
    private static final Duration RENEWAL = Duration.ofSeconds(15);

    private static final Duration MOVING = Duration.ofSeconds(2);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(2);
    private static final Duration LAST_RETRY = Duration.ofMinutes(10);

    private final Vertx vertx;
    private final PublicationQueries publications;
    private final TrainingQueries trainings;
    private final Workpieces workpieces;
    private final ContentIndex index;
    private final Intake intake;
    private final Artifacts artifacts;
    private final WorkerExecutor worker;
    private final Clock clock;

    public Publisher(
            Vertx vertx,
            Database database,
            Workspace workspace,
            ContentIndex index,
            Intake intake,
            Artifacts artifacts,
            WorkerExecutor worker,
            Clock clock) {
        this.clock = clock;
        this.vertx = vertx;
        this.publications = new PublicationQueries(database);
        this.trainings = new TrainingQueries(database);
        this.workpieces = new Workpieces(workspace);
        this.index = index;
        this.intake = intake;
        this.artifacts = artifacts;
        this.worker = worker;
    }

    /** A job that is due, if any, as this process's own until its lease ends. */
    Future<Optional<PublicationQueries.Lease>> claim() {
        return publications.claim(TERM);
    }

    /** How long nothing will be due. */
    Future<Optional<Duration>> nextDue() {
        return publications.nextDue();
    }

    /** Publishes a job, or gives it back to be tried again; a failure of it stays on the job. */
    Future<Void> publish(PublicationQueries.Lease lease) {
        Job job = lease.job();
        Artifacts.Batch batch = artifacts.of(job, lease.artifacts());
        long renewal = vertx.setPeriodic(
                RENEWAL.toMillis(),
                tick -> publications.renew(lease, TERM).onFailure(failure -> {
                    log.warn("A lease was not renewed: {}", failure.getMessage());
                    if (failure instanceof PublicationQueries.LeaseLost) {
                        batch.cancel();
                    }
                }));
        Future<Intake.Taken> content = lease.artifacts().isEmpty()
                ? settled(job)
                        .compose(ready ->
                                intake.take(() -> workpieces.whole(job.id()).orElseThrow(NoModel::new)))
                : batch.take();
        return content.compose(taken -> trainings
                        .of(job)
                        .compose(training -> worker.executeBlocking(() -> workpieces.metrics(job, null), false)
                                .map(metrics -> new NewModel(
                                        job,
                                        "job",
                                        job.name(),
                                        "",
                                        List.of(),
                                        training,
                                        metrics,
                                        taken.files(),
                                        taken.archive()))))
                .compose(model -> publications.publish(lease, model))
                .onSuccess(model -> log.info(
                        "Published model {} version {} of job {} ({} bytes)",
                        model.id(),
                        model.version(),
                        job.id(),
                        model.size()))
                .<Void>mapEmpty()
                .recover(failure -> givenBack(lease, failure))
                .onComplete(done -> vertx.cancelTimer(renewal));
    }

    /** Gives back jobs whose artifacts are being fetched; what has come of these is kept. */
    void stop() {
        artifacts.cancel();
    }

    /**
     * Waits for the next time until what trainers wrote by themselves is old enough for its next change to show. Files that
     * came by upload are known already, in exactly their present state.
     */
    private Future<Void> settled(Job job) {
        return worker.executeBlocking(() -> workpieces.whole(job.id()), false)
                .compose(found -> index.find(job.owner(), job.id().value(), "").map(known -> {
                    Instant now = clock.instant();
                    for (LiveFile file : found.map(Snapshot::files).orElse(List.of())) {
                        if (file.identity().isYoung(now)
                                && known.of(file).sha256().isEmpty()) {
                            throw new Moving();
                        }
                    }
                    return null;
                }));
    }

    /** Something was written only now. */
    private static final class Moving extends RuntimeException {
        private static final long serialVersionUID = 1;

        Moving() {
            super("files of the model are young", null, false, false);
        }
    }

    /** There is nothing to publish. */
    private static final class NoModel extends IOException {
        private static final long serialVersionUID = 1;

        NoModel() {
            super("no files below model/ or models/");
        }
    }

    private Future<Void> givenBack(PublicationQueries.Lease lease, Throwable failure) {
        if (failure instanceof PublicationQueries.LeaseLost) {
            log.info("{}", failure.getMessage());
            return Future.succeededFuture();
        }
        if (failure instanceof Moving || failure instanceof ContentChanged || failure instanceof ProblemException) {
            // The last: others take so much in already.
            return publications.postpone(lease, MOVING);
        }
        Duration delay = retryAfter(lease.attempts());
        if (failure instanceof Artifacts.NotFetched artifact) {
            if (artifact.cancelled()) {
                return publications.postpone(lease, Duration.ZERO);
            }
            log.warn("Job {}: {}", lease.job().id(), artifact.getMessage());
            return publications.failFetch(
                    lease,
                    artifact.retryable() ? Optional.of(delay) : Optional.empty(),
                    "Publishing failed: " + artifact.getMessage());
        }
        String error = error(failure);
        if (failure instanceof NoModel) {
            log.info(
                    "Job {} has nothing to publish yet, looked at again in {}",
                    lease.job().id(),
                    delay);
        } else {
            log.warn(
                    "Job {} could not be published, tried again in {}",
                    lease.job().id(),
                    delay,
                    failure);
        }
        return publications.fail(lease, delay, "Publishing failed: " + error);
    }

    /** For the owner: never a path or the text of an exception. */
    private static String error(Throwable failure) {
        if (failure instanceof NoModel) {
            return "no files below model/ or models/";
        }
        if (failure instanceof StorageFull) {
            return "no space is left";
        }
        return failure instanceof IOException
                ? "files cannot be read or stored at the moment"
                : "an unexpected error occurred";
    }

    /** Twice as long each time, and never all replicas at once. */
    private static Duration retryAfter(int attempts) {
        long most = Math.min(LAST_RETRY.toMillis(), FIRST_RETRY.toMillis() << Math.min(attempts, 20));
        return Duration.ofMillis(most / 2 + ThreadLocalRandom.current().nextLong(most / 2));
    }
}
