package dev.sluice.models;

import dev.sluice.archive.EntryName;
import dev.sluice.database.DatabaseUnavailable;
import dev.sluice.delivery.AdmissionRefused;
import dev.sluice.delivery.Supervision;
import dev.sluice.ingest.Fetch;
import dev.sluice.ingest.FetchFailed;
import dev.sluice.ingest.FetchRequest;
import dev.sluice.ingest.Fetcher;
import dev.sluice.jobs.ArtifactUrl;
import dev.sluice.jobs.Job;
import dev.sluice.models.PublicationQueries.Lease;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Fetches what jobs left elsewhere into the blob store. Event loop; bytes on the workers. */
public final class Artifacts {
    private static final Logger log = LoggerFactory.getLogger(Artifacts.class);

    /** Files of one job. */
    private static final int AT_ONCE = 4;

    private final Fetcher fetcher;
    private final Intake intake;
    private final Supervision supervision;
    private final ArtifactQueries queries;
    private final Set<Batch> running = ConcurrentHashMap.newKeySet();

    public Artifacts(Fetcher fetcher, Intake intake, Supervision supervision, ArtifactQueries queries) {
        this.fetcher = fetcher;
        this.intake = intake;
        this.supervision = supervision;
        this.queries = queries;
    }

    Batch of(Lease lease) {
        return new Batch(lease);
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
    }

    /** Nobody's fault: the server stops, or the job is another's. What has come is kept. */
    static final class Stopped extends Exception {
        private static final long serialVersionUID = 1;

        Stopped() {
            super("fetching was stopped", null, false, false);
        }
    }

    /**
     * The artifacts of one job, a few at a time; the first failure ends the others, and what has come of them is kept. What an
     * earlier try fetched whole is not fetched again.
     */
    final class Batch {
        private final Lease lease;
        private final Instant modified;
        private final Deque<ArtifactUrl> missing = new ArrayDeque<>();
        private final List<ModelFile> files = new ArrayList<>();
        private final Set<Fetch> fetches = new HashSet<>();
        private final Promise<List<ModelFile>> done = Promise.promise();
        private @Nullable Throwable failure;
        private boolean cancelled;
        private int underWay;

        private Batch(Lease lease) {
            this.lease = lease;
            // The same for every try, and so the archive.
            this.modified = Objects.requireNonNullElse(
                    lease.job().completedAt(), lease.job().createdAt());
        }

        /** Fails with {@link NotFetched} or {@link Stopped}; or with {@link AdmissionRefused}, with nothing begun. */
        Future<Intake.Taken> take() {
            running.add(this);
            return supervision
                    .fetch(lease.job().owner(), this::fetch)
                    .onComplete(ended -> running.remove(this))
                    .compose(this::whole);
        }

        /** Ends what is under way; nothing more is begun. */
        synchronized void cancel() {
            cancelled = true;
            fetches.forEach(Fetch::cancel);
        }

        private synchronized boolean isCancelled() {
            return cancelled;
        }

        /** Of the files that are here. */
        synchronized long bytes() {
            return files.stream().mapToLong(ModelFile::size).sum();
        }

        private Future<List<ModelFile>> fetch() {
            if (isCancelled()) {
                return Future.failedFuture(new Stopped());
            }
            return queries.begin(lease)
                    .compose(begun -> queries.kept(lease.job()))
                    .compose(kept -> {
                        begin(kept);
                        return done.future();
                    });
        }

        private synchronized void begin(Map<String, ModelFile> kept) {
            for (ArtifactUrl artifact : lease.artifacts()) {
                Optional.ofNullable(kept.get(artifact.digest()))
                        .ifPresentOrElse(files::add, () -> missing.add(artifact));
            }
            if (!files.isEmpty()) {
                log.info(
                        "Job {}: {} artifacts are here from before", lease.job().id(), files.size());
            }
            proceed();
        }

        private synchronized void proceed() {
            while (failure == null && !cancelled && underWay < AT_ONCE && !missing.isEmpty()) {
                ArtifactUrl artifact = missing.remove();
                underWay++;
                take(artifact).onComplete(this::ended);
            }
            if (underWay > 0) {
                return;
            }
            if (failure != null) {
                done.tryFail(failure);
            } else if (!missing.isEmpty()) {
                done.tryFail(new Stopped());
            } else {
                files.sort(Comparator.comparing(file -> EntryName.archived(file.path())));
                done.tryComplete(files);
            }
        }

        private Future<ModelFile> take(ArtifactUrl artifact) {
            Fetch fetch = fetcher.start(request(lease.job(), artifact));
            fetches.add(fetch);
            return fetch.result()
                    .recover(failed -> Future.failedFuture(named(artifact, failed)))
                    .onComplete(ended -> forget(fetch))
                    .compose(file -> intake.take(file, artifact.path(), modified))
                    .compose(file -> keep(artifact, file).map(file));
        }

        /** A try that is not recorded is one that is made again, and no reason to fail this one. */
        private Future<Void> keep(ArtifactUrl artifact, ModelFile file) {
            return queries.keep(lease, artifact, file).recover(failure -> {
                if (failure instanceof DatabaseUnavailable) {
                    log.warn(
                            "Job {}: that artifact {} is here could not be recorded",
                            lease.job().id(),
                            artifact.path());
                    return Future.succeededFuture();
                }
                return Future.failedFuture(failure);
            });
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

        /** Whatever of the files cannot be read is not what the next try should begin with. */
        private Future<Intake.Taken> whole(List<ModelFile> all) {
            return intake.whole(all)
                    .recover(failure -> failure instanceof IOException
                            ? queries.forget(lease.job()).transform(forgotten -> Future.failedFuture(failure))
                            : Future.failedFuture(failure));
        }
    }

    /** What a file is called among unfinished ones: the same on every replica. */
    static FetchRequest request(Job job, ArtifactUrl artifact) {
        return FetchRequest.of(
                job.id().value() + "/" + artifact.path(),
                artifact.url(),
                artifact.size() == null ? OptionalLong.empty() : OptionalLong.of(artifact.size()),
                Optional.ofNullable(artifact.sha256()));
    }

    private static Throwable named(ArtifactUrl artifact, Throwable failed) {
        if (failed instanceof FetchFailed why) {
            return why.reason() == FetchFailed.Reason.CANCELLED ? new Stopped() : new NotFetched(artifact.path(), why);
        }
        return failed;
    }
}
