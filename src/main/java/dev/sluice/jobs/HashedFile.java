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

/** An {@link AsyncFile} whose bytes are counted and hashed as they are handed over. Event loop. */
final class HashedFile implements WriteStream<Buffer> {
    private final AsyncFile file;
    private final StagedUpload staged;
    private final long maxSize;

    HashedFile(AsyncFile file, StagedUpload staged, long maxSize) {
        this.file = file;
        this.staged = staged;
        this.maxSize = maxSize;
    }

    @Override
    public Future<Void> write(Buffer bytes) {
        if (staged.size() + bytes.length() > maxSize) {
            return Future.failedFuture(UploadRequest.tooLarge(maxSize));
        }
        ByteBuf buffer = ((BufferInternal) bytes).getByteBuf();
        for (ByteBuffer part : buffer.nioBuffers()) {
            staged.update(part);
        }
        return file.write(bytes);
    }

    @Override
    public Future<Void> end() {
        return file.end();
    }

    @Override
    public HashedFile setWriteQueueMaxSize(int maxBytes) {
        file.setWriteQueueMaxSize(maxBytes);
        return this;
    }

    @Override
    public boolean writeQueueFull() {
        return file.writeQueueFull();
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
