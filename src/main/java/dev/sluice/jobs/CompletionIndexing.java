package dev.sluice.jobs;

import dev.sluice.storage.ContentIndexer;
import dev.sluice.storage.Snapshot;
import dev.sluice.storage.Workspace;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Indexes what a job has written when it completes, so that its downloads begin at once. What fails here is done on demand
 * later. Event loop; files on the workers.
 */
public final class CompletionIndexing implements Consumer<Job> {
    private static final Logger log = LoggerFactory.getLogger(CompletionIndexing.class);

    /** Nothing is remembered about files that are younger than two seconds. */
    private static final long SETTLE_MILLIS = 2_500;

    private final Vertx vertx;
    private final Workspace workspace;
    private final WorkerExecutor workers;
    private final ContentIndexer indexer;

    public CompletionIndexing(Vertx vertx, Workspace workspace, WorkerExecutor workers, ContentIndexer indexer) {
        this.vertx = vertx;
        this.workspace = workspace;
        this.workers = workers;
        this.indexer = indexer;
    }

    @Override
    public void accept(Job job) {
        vertx.setTimer(
                SETTLE_MILLIS,
                settled -> index(job)
                        .onFailure(failure -> log.warn(
                                "Job {} was not indexed at its completion; its downloads will do it",
                                job.id(),
                                failure)));
    }

    private Future<Void> index(Job job) {
        String id = job.id().value();
        return workers.executeBlocking(() -> workspace.walk(id, ""), false)
                .map(found -> found.map(Snapshot::files).orElse(List.of()))
                .compose(files -> indexer.fill(job.owner(), id, files))
                .compose(filled -> workers.executeBlocking(() -> workspace.walk(id, "model"), false))
                .compose((Optional<Snapshot> model) -> indexer.choose(
                        job.owner(), id, model.map(Snapshot::files).orElse(List.of())));
    }
}
