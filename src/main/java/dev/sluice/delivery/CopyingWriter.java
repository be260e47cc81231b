package dev.sluice.delivery;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.buffer.BufferInternal;

/**
 * Reads regions into pooled direct buffers on the worker, one ahead of the one being written: for TLS and HTTP/2, where
 * bytes must pass through the process anyway. Event loop.
 */
final class CopyingWriter implements PieceWriter {
    private static final long BUFFER = 256 << 10;

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final WorkerExecutor worker;
    private Future<Void> issued = Future.succeededFuture();

    CopyingWriter(HttpServerRequest request, WorkerExecutor worker) {
        this.request = request;
        this.response = request.response();
        this.worker = worker;
    }

    @Override
    public long maxRegion() {
        return BUFFER;
    }

    @Override
    public Future<Void> write(Piece piece) {
        Future<ByteBuf> read = read(piece);
        Future<Void> before = issued;
        // Reads may finish out of order; writes must not.
        Future<Future<Void>> writing = before.transform(any -> read)
                .map(bytes -> response.write(BufferInternal.buffer(bytes)).onComplete(sent -> bytes.release()));
        issued = writing.mapEmpty();
        return writing.compose(sent -> sent);
    }

    private Future<ByteBuf> read(Piece piece) {
        if (piece instanceof Piece.Memory memory) {
            return Future.succeededFuture(memory.bytes());
        }
        Piece.Region region = (Piece.Region) piece;
        return worker.executeBlocking(() -> readRegion(region), false)
                .onComplete(read -> region.lease().release());
    }

    /** Worker thread. */
    private static ByteBuf readRegion(Piece.Region region) throws ContentUnreadable {
        ByteBuf bytes = PooledByteBufAllocator.DEFAULT.directBuffer((int) region.length());
        try {
            PieceSource.readFully(region.lease().open().channel(), region.position(), region.length(), bytes);
            return bytes;
        } catch (java.io.IOException | RuntimeException failed) {
            bytes.release();
            throw new ContentUnreadable(failed);
        }
    }

    @Override
    public long partlyWritten() {
        return 0;
    }

    @Override
    public void reset() {
        switch (request.version()) {
            case HTTP_2 -> response.reset();
            case HTTP_1_0, HTTP_1_1 -> RegionWriter.closeNow(request.connection());
        }
    }
}
