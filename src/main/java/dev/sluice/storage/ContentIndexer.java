package dev.sluice.storage;

import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.util.List;

/** Fills the index ahead of requests. Never blocks; files are read on the worker, one after the other. */
public final class ContentIndexer {
    private final Workspace workspace;
    private final ContentIndex index;
    private final Encodings encodings;
    private final WorkerExecutor worker;

    public ContentIndexer(Workspace workspace, ContentIndex index, Encodings encodings, WorkerExecutor worker) {
        this.workspace = workspace;
        this.index = index;
        this.encodings = encodings;
        this.worker = worker;
    }

    /** Checksums and digests of all files. Fails with {@link ContentChanged} at the first that moves. */
    public Future<Void> fill(String owner, String jobId, List<LiveFile> files) {
        return index.find(owner, jobId, "").compose(known -> {
            Future<Void> done = Future.succeededFuture();
            for (LiveFile file : files) {
                if (known.of(file).sha256().isEmpty()) {
                    done = done.compose(before -> worker.executeBlocking(() -> measure(file), false)
                            .compose(facts -> index.record(owner, file, facts))
                            .mapEmpty());
                }
            }
            return done;
        });
    }

    /** Encodings of the files of one archive. */
    public Future<Void> choose(String owner, String jobId, List<LiveFile> files) {
        return index.find(owner, jobId, "")
                .compose(known -> encodings.choose(owner, files, known))
                .mapEmpty();
    }

    /** Worker thread. */
    private ContentFacts measure(LiveFile file) throws IOException {
        try (OpenFile open = workspace.open(file)) {
            Fingerprint fingerprint = Checksum.fingerprint(open.channel(), file.size(), reached -> {});
            open.recheck();
            return ContentFacts.of(fingerprint);
        }
    }
}
