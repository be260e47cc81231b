package dev.sluice.storage;

import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32;

/**
 * CRC-32 of live files on demand: computed once for all who wait for the same state of a file, and to the end even when
 * they stop waiting, because the result is remembered. Never blocks.
 */
public final class Checksums {
    private static final int BUFFER = 1 << 20;

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
            CRC32 crc32 = new CRC32();
            ByteBuffer buffer = ByteBuffer.allocateDirect((int) Math.max(1, Math.min(BUFFER, file.size())));
            FileChannel channel = open.channel();
            for (long at = 0; at < file.size(); at += buffer.limit()) {
                buffer.clear().limit((int) Math.min(buffer.capacity(), file.size() - at));
                readFully(channel, buffer, at);
                crc32.update(buffer.flip());
            }
            open.recheck();
            return crc32.getValue();
        }
    }

    private static void readFully(FileChannel channel, ByteBuffer buffer, long position) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw new EOFException("The file ended early");
            }
        }
    }
}
