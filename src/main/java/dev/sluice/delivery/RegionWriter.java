package dev.sluice.delivery;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultFileRegion;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.net.impl.VertxConnection;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Sends regions from page cache to socket without passing through the heap: plain HTTP/1.x only. The one class that
 * knows the connection's Netty channel, because Vert.x has no public call for a file region that is not the whole body.
 * Event loop.
 */
final class RegionWriter implements PieceWriter {
    /** Bounds how long one flush keeps the event loop on a cold file. Regions count as nothing for writability. Bytes. */
    private static final long REGION = 4 << 20;

    private final VertxConnection connection;
    private final HttpServerResponse response;
    private final Deque<DefaultFileRegion> underWay = new ArrayDeque<>(2);

    private RegionWriter(VertxConnection connection, HttpServerResponse response) {
        this.connection = connection;
        this.response = response;
    }

    /** A writer for this request's connection, or null where regions cannot be used. */
    static @Nullable RegionWriter of(HttpServerRequest request) {
        if (request.isSSL() || !(request.connection() instanceof VertxConnection connection)) {
            return null;
        }
        return switch (request.version()) {
            case HTTP_1_0, HTTP_1_1 -> new RegionWriter(connection, request.response());
            case HTTP_2 -> null;
        };
    }

    @Override
    public long maxRegion() {
        return REGION;
    }

    @Override
    public Future<Void> write(Piece piece) {
        if (piece instanceof Piece.Memory memory) {
            return response.write(BufferInternal.buffer(memory.bytes()))
                    .onComplete(sent -> memory.bytes().release());
        }
        if (!response.headWritten()) {
            response.writeHead();
        }
        Piece.Region piecemeal = (Piece.Region) piece;
        DefaultFileRegion region =
                new SharedRegion(piecemeal.lease().open().channel(), piecemeal.position(), piecemeal.length());
        underWay.addLast(region);
        Promise<Void> written = Promise.promise();
        ChannelPromise promise = connection.channel().newPromise();
        promise.addListener(sent -> {
            underWay.remove(region);
            piecemeal.lease().release();
            if (sent.isSuccess()) {
                written.complete();
            } else {
                written.fail(cause(sent.cause()));
            }
        });
        connection.writeToChannel(region, promise);
        return written.future();
    }

    /** A peer that left shows as a closed channel or a failed native write; a short file as netty's own message. */
    private static Throwable cause(Throwable failed) {
        boolean content = !(failed instanceof ClosedChannelException)
                && failed.getMessage() != null
                && failed.getMessage().startsWith("Underlying input file");
        return content ? new ContentUnreadable(failed) : failed;
    }

    @Override
    public long partlyWritten() {
        long sum = 0;
        for (DefaultFileRegion region : underWay) {
            sum += region.transferred();
        }
        return sum;
    }

    @Override
    public void reset() {
        closeNow((HttpConnection) connection);
    }

    /** Closes the channel without waiting for what is queued: a peer that does not read would hold it for ever. */
    @SuppressWarnings("FutureReturnValueIgnored") // Whether or not closing fails, the transfer is over.
    static void closeNow(HttpConnection connection) {
        Channel channel = ((VertxConnection) connection).channel();
        channel.close();
    }

    /** The descriptor is the lease's: the region must not close it. */
    private static final class SharedRegion extends DefaultFileRegion {
        SharedRegion(FileChannel channel, long position, long count) {
            super(channel, position, count);
        }

        @Override
        protected void deallocate() {}
    }
}
