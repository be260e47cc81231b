package dev.sluice.delivery;

import io.netty.buffer.ByteBuf;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpServerRequest;

/** How pieces reach the socket. Event loop. */
interface PieceWriter {
    /** The way that suits the request's connection: by regions where the socket takes them, by copying elsewhere. */
    static PieceWriter of(HttpServerRequest request, WorkerExecutor worker, MemoryShare share) {
        RegionWriter.boundUnsent(request.connection());
        RegionWriter regions = RegionWriter.of(request);
        return regions != null ? regions : new CopyingWriter(request, worker, share);
    }

    /** The largest region that {@link #write} takes at once now. Bytes. */
    long maxRegion();

    /** Whether {@link #write} reads files on the event loop, so that they should lie in the page cache before. */
    boolean readsOnEventLoop();

    /**
     * Writes one piece after those before it and takes over what the piece owns.
     *
     * @return completes when the piece has left for the socket, so pieces under way are the back-pressure
     */
    Future<Void> write(Piece piece);

    /**
     * Ends the response with these bytes after all pieces before them, and takes them over.
     *
     * @return completes when the response has been written as a whole
     */
    Future<Void> end(ByteBuf last);

    /** Bytes that are already out of pieces under way or broken off, where that can be told. */
    long partlyWritten();

    /** Writes none of the pieces that have not reached the response yet: it is answered otherwise. */
    void stop();

    /** Stops, and breaks the connection or stream so that the client cannot take what it has for the whole. */
    void reset();
}
