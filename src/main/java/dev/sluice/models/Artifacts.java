package dev.sluice.models;

import dev.sluice.archive.EntryName;
import dev.sluice.delivery.Supervision;
import dev.sluice.ingest.Fetch;
import dev.sluice.ingest.FetchFailed;
import dev.sluice.ingest.FetchRequest;
import dev.sluice.ingest.Fetcher;
import dev.sluice.jobs.ArtifactUrl;
import dev.sluice.jobs.Job;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Fetches what jobs left elsewhere into the blob store. Event loop; bytes on the workers. */
public final class Artifacts {
    /** Files of one job. */
    private static final int AT_ONCE = 4;

    private final Fetcher fetcher;
    private final Intake intake;
    private final Supervision supervision;
    private final Set<Batch> running = ConcurrentHashMap.newKeySet();

    public Artifacts(Fetcher fetcher, Intake intake, Supervision supervision) {
        this.fetcher = fetcher;
        this.intake = intake;
        this.supervision = supervision;
    }

    Batch of(Job job, List<ArtifactUrl> artifacts) {
        return new Batch(job, artifacts);
    }

    /** Ends all fetches under way. */
    void cancel() {
        running.forEach(Batch::cancel);
    }

    /** For the owner: which file it was, and why. */
    static final class NotFetched extends Exception {
        private static final long serialVersionUID = 1;

        private final FetchFailed why;

        NotFetched(String path, FetchFailed why) {
            super("artifact " + path + " could not be fetched: " + why.getMessage(), why);
            this.why = why;
        }

        boolean retryable() {
            return why.retryable();
        }

        boolean cancelled() {
            return why.reason() == FetchFailed.Reason.CANCELLED;
        }
    }

    /** The artifacts of one job, a few at a time; the first failure ends the others, and what has come of them is kept. */
    final class Batch {
        private final Job job;
        private final Instant modified;
        private final List<ArtifactUrl> artifacts;
        private final List<ModelFile> files = new ArrayList<>();
        private final Set<Fetch> fetches = new HashSet<>();
        private final Promise<List<ModelFile>> done = Promise.promise();
        private @Nullable Throwable failure;
        private boolean cancelled;
        private int next;
        private int underWay;

        private Batch(Job job, List<ArtifactUrl> artifacts) {
            this.job = job;
            // The same for every try, and so the archive.
            this.modified = Objects.requireNonNullElse(job.completedAt(), job.createdAt());
            this.artifacts = artifacts;
        }

        /** Fails with {@link NotFetched}; or as {@link Supervision#ingest}, with nothing begun. */
        Future<Intake.Taken> take() {
            running.add(this);
            return supervision
                    .ingest(job.owner(), () -> {
                        proceed();
                        return done.future();
                    })
                    .onComplete(ended -> running.remove(this))
                    .compose(intake::whole);
        }

        /** Ends what is under way; nothing more is begun. */
        synchronized void cancel() {
            cancelled = true;
            fetches.forEach(Fetch::cancel);
        }

        private synchronized void proceed() {
            while (failure == null && underWay < AT_ONCE && next < artifacts.size()) {
                ArtifactUrl artifact = artifacts.get(next++);
                underWay++;
                take(artifact).onComplete(this::ended);
            }
            if (underWay > 0) {
                return;
            }
            if (failure != null) {
                done.tryFail(failure);
            } else {
                files.sort(Comparator.comparing(file -> EntryName.archived(file.path())));
                done.tryComplete(files);
            }
        }

        private Future<ModelFile> take(ArtifactUrl artifact) {
            Fetch fetch = fetcher.start(FetchRequest.of(
                    job.id().value() + "/" + artifact.path(),
                    artifact.url(),
                    artifact.size() == null ? OptionalLong.empty() : OptionalLong.of(artifact.size()),
                    Optional.ofNullable(artifact.sha256())));
            fetches.add(fetch);
            if (cancelled) {
                fetch.cancel();
            }
            return fetch.result()
                    .recover(failed -> Future.failedFuture(
                            failed instanceof FetchFailed why ? new NotFetched(artifact.path(), why) : failed))
                    .onComplete(ended -> forget(fetch))
                    .compose(file -> intake.take(file, artifact.path(), modified));
        }

        private synchronized void forget(Fetch fetch) {
            fetches.remove(fetch);
        }

        private synchronized void ended(AsyncResult<ModelFile> ended) {
            underWay--;
            if (ended.succeeded()) {
                files.add(ended.result());
            } else if (failure == null) {
                failure = ended.cause();
                fetches.forEach(Fetch::cancel);
            }
            proceed();
        }
    }
}
