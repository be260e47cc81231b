package dev.sluice.storage;

import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;

/**
 * CRC-32 of live files on demand: computed once for all who wait for the same state of a file, and to the end even when
 * they stop waiting, because the result is remembered. Never blocks.
 */
public final class Checksums {
    private final Workspace workspace;
    private final ContentIndex index;
    private final WorkerExecutor worker;
    private final SingleFlight<LiveFile, Long> underWay = new SingleFlight<>();

    public Checksums(Workspace workspace, ContentIndex index, WorkerExecutor worker) {
        this.workspace = workspace;
        this.index = index;
        this.worker = worker;
    }

    /**
     * Fails with {@link ContentChanged} when the file is no longer in the state that was seen.
     *
     * @return 0 to 2³²-1
     */
    public Future<Long> crc32(String owner, LiveFile file) {
        return underWay.join(
                file,
                () -> worker.executeBlocking(() -> compute(file), false)
                        .onSuccess(crc32 -> index.record(owner, file, ContentFacts.ofCrc32(crc32))));
    }

    /** Worker thread. */
    private long compute(LiveFile file) throws IOException {
        try (OpenFile open = workspace.open(file)) {
            long crc32 = Checksum.crc32(open.channel(), file.size(), Checksum.Checkpoint.START, reached -> {});
            open.recheck();
            return crc32;
        }
    }
}
