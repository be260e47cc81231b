package dev.sluice.jobs;

import dev.sluice.storage.StagedUpload;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.streams.WriteStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An {@link AsyncFile} whose bytes are counted and hashed as they are handed over, and gathered, because the network hands over
 * little at a time and each write costs a visit to a worker. Event loop.
 */
final class HashedFile implements WriteStream<Buffer> {
    /** Bytes that go to the file at once. */
    private static final int GATHERED = 512 << 10;

    private static final int QUEUED = 2 << 20;

    private final AsyncFile file;
    private final StagedUpload staged;
    private final long maxSize;
    private Buffer gathered = Buffer.buffer();
    /** The file may be closed by now, though more comes that was under way. */
    private boolean refused;

    HashedFile(AsyncFile file, StagedUpload staged, long maxSize) {
        this.file = file.setWriteQueueMaxSize(QUEUED);
        this.staged = staged;
        this.maxSize = maxSize;
    }

    @Override
    public Future<Void> write(Buffer bytes) {
        refused = refused || staged.size() + bytes.length() > maxSize;
        if (refused) {
            return Future.failedFuture(UploadRequest.tooLarge(maxSize));
        }
        ByteBuf buffer = ((BufferInternal) bytes).getByteBuf();
        for (ByteBuffer part : buffer.nioBuffers()) {
            staged.update(part);
        }
        gathered.appendBuffer(bytes);
        return gathered.length() < GATHERED ? Future.succeededFuture() : writeGathered();
    }

    private Future<Void> writeGathered() {
        Buffer full = gathered;
        gathered = Buffer.buffer();
        return file.write(full);
    }

    /** Writes what is left; the file stays open. */
    Future<Void> flush() {
        return writeGathered().compose(written -> file.flush());
    }

    @Override
    public Future<Void> end() {
        return flush().compose(flushed -> file.end());
    }

    @Override
    public HashedFile setWriteQueueMaxSize(int maxBytes) {
        file.setWriteQueueMaxSize(maxBytes);
        return this;
    }

    @Override
    public boolean writeQueueFull() {
        return !refused && file.writeQueueFull();
    }

    @Override
    public HashedFile drainHandler(@Nullable Handler<Void> handler) {
        file.drainHandler(handler);
        return this;
    }

    @Override
    public HashedFile exceptionHandler(@Nullable Handler<Throwable> handler) {
        file.exceptionHandler(handler);
        return this;
    }
}
