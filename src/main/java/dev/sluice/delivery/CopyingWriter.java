package dev.sluice.delivery;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.function.Function;

/**
 * Reads regions into pooled direct buffers on the worker, one ahead of the one being written: for TLS and HTTP/2, where
 * bytes must pass through the process anyway. Event loop.
 */
final class CopyingWriter implements PieceWriter {
    /** RFC 9113 §7. The default, NO_ERROR, is what may follow a body that is whole (§8.1). */
    private static final long INTERNAL_ERROR = 0x2;

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final WorkerExecutor worker;
    private final MemoryShare share;
    private Future<Void> issued = Future.succeededFuture();
    private boolean stopped;

    CopyingWriter(HttpServerRequest request, WorkerExecutor worker, MemoryShare share) {
        this.share = share;
        this.request = request;
        this.response = request.response();
        this.worker = worker;
    }

    @Override
    public long maxRegion() {
        return share.pieceSize();
    }

    @Override
    public boolean readsOnEventLoop() {
        return false;
    }

    @Override
    public Future<Void> write(Piece piece) {
        return inTurn(read(piece), response::write);
    }

    @Override
    public Future<Void> end(ByteBuf last) {
        return inTurn(Future.succeededFuture(last), response::end);
    }

    /** Reads may finish out of order; writes must not, nor may any follow one that is missing. */
    private Future<Void> inTurn(Future<ByteBuf> read, Function<Buffer, Future<Void>> write) {
        Future<Future<Void>> writing = issued.transform(before -> read.compose(bytes -> {
            if (stopped || before.failed()) {
                bytes.release();
                return Future.failedFuture(before.failed() ? before.cause() : new ClosedChannelException());
            }
            return Future.succeededFuture(
                    write.apply(BufferInternal.buffer(bytes)).onComplete(sent -> bytes.release()));
        }));
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
        } catch (IOException | RuntimeException failed) {
            bytes.release();
            throw new ContentUnreadable(failed);
        }
    }

    @Override
    public long partlyWritten() {
        return 0;
    }

    @Override
    public void stop() {
        stopped = true;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // Whether or not resetting fails, the transfer is over.
    public void reset() {
        stop();
        switch (request.version()) {
            case HTTP_2 -> response.reset(INTERNAL_ERROR);
            case HTTP_1_0, HTTP_1_1 -> RegionWriter.closeNow(request.connection());
        }
    }
}
