package dev.sluice.storage;

import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * CRC-32 of live files on demand: computed once for all who wait for the same state of a file, and to the end even when
 * they stop waiting, because the result is remembered. Never blocks.
 */
public final class Checksums {
    private static final Logger log = LoggerFactory.getLogger(Checksums.class);

    /** A second or two of a slow disk. Bytes. */
    private static final long CHECKPOINT_INTERVAL = 1L << 30;

    private final long interval;
    private final Workspace workspace;
    private final ContentIndex index;
    private final WorkerExecutor worker;
    private final WorkerExecutor brief;
    private final LongAdder pieces = new LongAdder();
    private final SingleFlight<LiveFile, Long> underWay = new SingleFlight<>();

    /**
     * Of the content of a workspace.
     *
     * @param worker for what may take minutes
     * @param brief for small files, which should not wait for that
     */
    public Checksums(Workspace workspace, ContentIndex index, WorkerExecutor worker, WorkerExecutor brief) {
        this(workspace, index, worker, brief, CHECKPOINT_INTERVAL);
    }

    /** @param interval bytes between two checkpoints that another process could go on from */
    Checksums(Workspace workspace, ContentIndex index, WorkerExecutor worker, WorkerExecutor brief, long interval) {
        this.interval = interval;
        this.workspace = workspace;
        this.index = index;
        this.worker = worker;
        this.brief = brief;
    }

    /**
     * Fails with {@link ContentChanged} when the file is no longer in the state that was seen.
     *
     * @return 0 to 2³²-1
     */
    public Future<Long> crc32(String owner, LiveFile file) {
        return underWay.join(
                file,
                () -> begin(owner, file)
                        .compose(from -> worker.executeBlocking(() -> compute(owner, file, from), false))
                        .onSuccess(crc32 -> index.record(owner, file, ContentFacts.ofCrc32(crc32))));
    }

    /**
     * Of small files, all by one worker and not remembered: they are read again sooner than looked up.
     *
     * @return in the order of the files, each as of {@link #crc32}
     */
    public Future<List<Long>> ofSmall(List<LiveFile> files) {
        return brief.executeBlocking(
                () -> {
                    List<Long> checksums = new ArrayList<>(files.size());
                    try (Workspace.Row row = workspace.row()) {
                        for (LiveFile file : files) {
                            checksums.add(ofSmall(row, file));
                        }
                    }
                    return checksums;
                },
                false);
    }

    /** Worker thread. */
    private long ofSmall(Workspace.Row row, LiveFile file) throws IOException {
        try (OpenFile open = row.open(file)) {
            long crc32 = Checksum.crc32(
                    open.channel(), file.size(), Checksum.Checkpoint.START, reached -> pieces.increment());
            open.recheck();
            return crc32;
        }
    }

    /** A smaller file is read again sooner than its checkpoint is looked up. */
    private Future<Checksum.Checkpoint> begin(String owner, LiveFile file) {
        return file.size() < interval
                ? Future.succeededFuture(Checksum.Checkpoint.START)
                : index.find(owner, file.jobId(), file.path()).map(known -> known.checkpoint(file));
    }

    /** Grows while any checksum is computed. */
    public long computed() {
        return pieces.sum();
    }

    /** Worker thread. */
    private long compute(String owner, LiveFile file, Checksum.Checkpoint from) throws IOException {
        try (OpenFile open = workspace.open(file)) {
            long[] kept = {from.position()};
            long crc32 = Checksum.crc32(open.channel(), file.size(), from, reached -> {
                pieces.increment();
                if (reached.position() - kept[0] >= interval) {
                    kept[0] = reached.position();
                    index.checkpoint(owner, file, reached)
                            .onFailure(failure -> log.debug("A checkpoint was not kept; the next will be", failure));
                }
            });
            open.recheck();
            return crc32;
        }
    }
}
