package dev.sluice.delivery;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.epoll.EpollSocketChannel;
import io.vertx.core.Future;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.PromiseInternal;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.net.impl.VertxConnection;
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
    /** What a slow peer's socket keeps: half of it is the step in which its progress shows, so 1 KB/s outlives a minute. Bytes. */
    private static final long UNSENT_WHEN_SLOW = 128 << 10;

    /** Less costs a fast peer's sender more than twice the CPU. Bytes. */
    private static final long UNSENT_WHEN_FAST = 1 << 20;

    /** More than sockets swallow before a peer has read anything. Bytes. */
    private static final long STRETCH = 4 << 20;

    /** For a stretch: 40 MB/s. */
    private static final long FAST_NANOS = 100_000_000;

    private final VertxConnection connection;
    private final HttpServerResponse response;
    private final Turns turns = Turns.ofLoop();
    private final Deque<DefaultFileRegion> underWay = new ArrayDeque<>(2);
    private boolean isFast;
    /** Bytes that left since then. */
    private long stretch;

    private long stretchSince = System.nanoTime();
    private boolean resetsWhenClosed;
    private boolean ending;
    private long ofBrokenOff;
    /** Of regions that have left, and of which the pump is told in the next turn. */
    private long untold;

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
        return isFast ? turns.region() : Turns.SMALLEST_REGION;
    }

    @Override
    public boolean readsOnEventLoop() {
        return true;
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
        resetWhenClosed(true);
        Piece.Region piecemeal = (Piece.Region) piece;
        DefaultFileRegion region =
                new SharedRegion(piecemeal.lease().open().channel(), piecemeal.position(), piecemeal.length());
        underWay.addLast(region);
        boolean large = isFast;
        if (large) {
            turns.handedOver();
        }
        long begin = System.nanoTime();
        // Of the connection's context, for the channel completes it outside of any.
        PromiseInternal<Void> written = connection.context().promise();
        connection.writeToChannel(region, written);
        return written.future()
                .onComplete(sent -> {
                    underWay.remove(region);
                    if (large) {
                        turns.left();
                    }
                    piecemeal.lease().release();
                    if (sent.failed()) {
                        ofBrokenOff += region.transferred();
                    } else {
                        resetWhenClosed(!ending || !underWay.isEmpty());
                        adapt(piecemeal.length(), System.nanoTime() - begin);
                    }
                })
                .recover(failed -> Future.failedFuture(cause(failed)))
                .compose(sent -> inTurn(piecemeal.length()));
    }

    /**
     * Completes when it is this transfer's turn again. Otherwise each region that has left draws the next one after it, as long as
     * the peer's socket takes bytes: a few fast readers keep a loop for tens of milliseconds.
     */
    private Future<Void> inTurn(long sent) {
        untold += sent;
        PromiseInternal<Void> told = connection.context().promise();
        turns.await(channel().eventLoop(), sent, () -> {
            untold -= sent;
            told.complete();
        });
        return told.future();
    }

    @Override
    public Future<Void> end(ByteBuf last) {
        ending = true;
        resetWhenClosed(!underWay.isEmpty());
        Future<Void> ended = response.end(BufferInternal.buffer(last)).onComplete(sent -> last.release());
        if (isFast && channel() instanceof EpollSocketChannel socket && socket.isOpen()) {
            socket.config().setTcpCork(false);
        }
        return ended;
    }

    /** One call reads and writes: a short file shows as netty's own message, a failing disk as EIO; all else is the peer. */
    private static Throwable cause(Throwable failed) {
        String message = String.valueOf(failed.getMessage());
        boolean content = message.startsWith("Underlying file size") || message.endsWith("Input/output error");
        return content ? new ContentUnreadable(failed) : failed;
    }

    @Override
    public long partlyWritten() {
        long sum = ofBrokenOff + untold;
        for (DefaultFileRegion region : underWay) {
            sum += region.transferred();
        }
        return sum;
    }

    /** Netty closes the channel by itself when a region cannot be sent: without this, with the clean end of a body that is not. */
    private void resetWhenClosed(boolean wanted) {
        if (wanted != resetsWhenClosed && channel().isOpen()) {
            resetsWhenClosed = wanted;
            channel().config().setOption(ChannelOption.SO_LINGER, wanted ? 0 : -1);
        }
    }

    @Override
    public void stop() {
        // Pieces reach the response at once.
    }

    @Override
    public void reset() {
        closeNow((HttpConnection) connection);
    }

    /**
     * Bounds what the kernel keeps of this connection beyond what the peer has room for. Without it a slow reader's socket
     * holds megabytes, and reports room for more only when a third of them has left: at 4 KB/s that takes minutes, in which
     * nothing seems to move and the watchdog would end a transfer that is well. Where the transport cannot (NIO), it stays
     * so.
     */
    static void boundUnsent(HttpConnection connection) {
        if (((ConnectionBase) connection).channel() instanceof EpollSocketChannel socket && socket.isOpen()) {
            socket.config().setTcpNotSentLowAt(UNSENT_WHEN_SLOW);
        }
    }

    /** Everybody begins as a slow peer, and is one again with the first region that takes too long. */
    private void adapt(long length, long nanos) {
        stretch += length;
        boolean slow = nanos >= FAST_NANOS;
        if (!slow && stretch < STRETCH) {
            return;
        }
        long now = System.nanoTime();
        boolean fast = !slow && now - stretchSince < FAST_NANOS;
        stretch = 0;
        stretchSince = now;
        if (fast != isFast) {
            isFast = fast;
            keepPace();
        }
    }

    /**
     * A fast peer gets full segments only (tcp(7), {@code TCP_CORK}): without that a region's last bytes leave by themselves, which costs
     * both ends. What is held back leaves with what follows, at the response's end, or after 200 ms.
     */
    private void keepPace() {
        if (channel() instanceof EpollSocketChannel socket && socket.isOpen()) {
            socket.config()
                    .setTcpNotSentLowAt(isFast ? UNSENT_WHEN_FAST : UNSENT_WHEN_SLOW)
                    .setTcpCork(isFast && !ending);
        }
    }

    private Channel channel() {
        return ((ConnectionBase) connection).channel();
    }

    /**
     * Resets the connection below the pipeline, without waiting for what is queued here or in the kernel: a peer that does
     * not read would hold it for ever, and a TLS handler would first say that all is well.
     */
    static void closeNow(HttpConnection connection) {
        Channel channel = ((ConnectionBase) connection).channel();
        if (channel.isOpen()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            channel.unsafe().close(channel.voidPromise());
        }
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
