package dev.sluice.models;

import dev.sluice.database.Database;
import dev.sluice.jobs.Job;
import dev.sluice.jobs.JobId;
import dev.sluice.storage.ContentIndex;
import dev.sluice.storage.LiveFile;
import dev.sluice.storage.Snapshot;
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

    /**
     * How fast it works.
     *
     * @param term of a lease, which is renewed each {@code renewal}
     * @param pause while what is in the way goes away by itself
     * @param backoff after failures
     */
    record Pace(Duration term, Duration renewal, Duration pause, Backoff backoff) {
        static final Pace USUAL = new Pace(
                Duration.ofSeconds(60),
                Duration.ofSeconds(15),
                Duration.ofSeconds(2),
                new Backoff(Duration.ofSeconds(4), Duration.ofMinutes(10)));
    }

    private final Vertx vertx;
    private final PublicationQueries publications;
    private final TrainingQueries trainings;
    private final Workpieces workpieces;
    private final ContentIndex index;
    private final Intake intake;
    private final Artifacts artifacts;
    private final WorkerExecutor worker;
    private final Clock clock;
    private final Pace pace;

    public Publisher(
            Vertx vertx,
            Database database,
            Workspace workspace,
            ContentIndex index,
            Intake intake,
            Artifacts artifacts,
            WorkerExecutor worker,
            Clock clock) {
        this(vertx, database, workspace, index, intake, artifacts, worker, clock, Pace.USUAL);
    }

    Publisher(
            Vertx vertx,
            Database database,
            Workspace workspace,
            ContentIndex index,
            Intake intake,
            Artifacts artifacts,
            WorkerExecutor worker,
            Clock clock,
            Pace pace) {
        this.clock = clock;
        this.pace = pace;
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
        return publications.claim(pace.term());
    }

    /** How long nothing will be due. */
    Future<Optional<Duration>> nextDue() {
        return publications.nextDue();
    }

    /** Publishes a job, or gives it back to be tried again; a failure of it stays on the job. */
    Future<Void> publish(PublicationQueries.Lease lease) {
        Job job = lease.job();
        Artifacts.Batch batch = artifacts.of(lease);
        long renewal = vertx.setPeriodic(
                pace.renewal().toMillis(),
                tick -> publications.renew(lease, pace.term()).onFailure(failure -> {
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
                .onComplete(done -> vertx.cancelTimer(renewal))
                .recover(failure -> givenBack(lease, batch.bytes(), failure));
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
    static final class Moving extends RuntimeException {
        private static final long serialVersionUID = 1;

        Moving() {
            super("files of the model are young", null, false, false);
        }
    }

    /** There is nothing to publish. */
    static final class NoModel extends IOException {
        private static final long serialVersionUID = 1;

        NoModel() {
            super("no files below model/ or models/");
        }
    }

    /** @param fetched bytes of artifacts that are here */
    private Future<Void> givenBack(PublicationQueries.Lease lease, long fetched, Throwable failure) {
        Duration later = pace.backoff().after(lease.attempts(), ThreadLocalRandom.current()::nextDouble);
        Future<Void> told = switch (Setback.of(failure)) {
            case LEASE_LOST -> {
                log.info("{}", failure.getMessage());
                yield Future.succeededFuture();
            }
            case STOPPED -> publications.postpone(lease, Duration.ZERO);
            case NO_PERMIT, MOVING -> publications.postpone(lease, pace.pause());
            case DATABASE_AWAY -> publications.postpone(lease, later);
            case NOT_FETCHED -> notFetched(lease, (Artifacts.NotFetched) failure, fetched, later);
            case NOTHING_THERE -> {
                log.info("Job {} has nothing to publish yet, looked at again in {}", id(lease), later);
                yield failed(lease, later, fetched, "no files below model/ or models/");
            }
            case TOO_MUCH -> {
                log.warn("Job {} cannot be published: {}", id(lease), failure.getMessage());
                // Who has mended it saves it: looking at so many names again and again helps nobody.
                yield publications.fail(
                        lease,
                        Optional.empty(),
                        "Publishing failed: the model's directory has too many entries or levels; save it when it has fewer",
                        fetched);
            }
            case DISK_FULL -> unexpected(lease, later, fetched, failure, "no space is left");
            case UNREADABLE ->
                unexpected(lease, later, fetched, failure, "files cannot be read or stored at the moment");
            case UNEXPECTED -> unexpected(lease, later, fetched, failure, "an unexpected error occurred");
        };
        return told.recover(untold -> {
            log.warn("Job {} could not be given back; its lease ends by itself", id(lease), untold);
            return Future.succeededFuture();
        });
    }

    private Future<Void> notFetched(
            PublicationQueries.Lease lease, Artifacts.NotFetched artifact, long fetched, Duration later) {
        log.warn("Job {}: {}", id(lease), artifact.getMessage());
        return publications.fail(
                lease,
                artifact.retryable() ? Optional.of(later) : Optional.empty(),
                "Publishing failed: " + artifact.getMessage(),
                fetched);
    }

    /** @param words for the owner: never a path or the text of an exception */
    private Future<Void> unexpected(
            PublicationQueries.Lease lease, Duration later, long fetched, Throwable failure, String words) {
        log.warn("Job {} could not be published, tried again in {}", id(lease), later, failure);
        return failed(lease, later, fetched, words);
    }

    private Future<Void> failed(PublicationQueries.Lease lease, Duration later, long fetched, String words) {
        return publications.fail(lease, Optional.of(later), "Publishing failed: " + words, fetched);
    }

    private static JobId id(PublicationQueries.Lease lease) {
        return lease.job().id();
    }
}
