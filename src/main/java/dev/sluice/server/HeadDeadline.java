package dev.sluice.server;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Closes connections that do not get a request's head across: within 10 s of opening, and within 10 s of the first byte of
 * each later one. A connection that rests between requests is closed as well, but later. Vert.x knows idle timeouts only, which
 * a byte now and then resets, and which do not see the bytes of file regions.
 *
 * <p>Costs each connection one small object and each event loop one walk over its connections in a second. A connection of
 * HTTP/2 is watched until its first request; after that its streams are. A listener that offers HTTP/2 without TLS would tell of
 * a connection only after its first head. One event loop.
 */
final class HeadDeadline {
    static final Duration HEAD = Duration.ofSeconds(10);
    static final Duration REST = Duration.ofSeconds(75);

    private static final Duration TICK = Duration.ofSeconds(1);

    private final long head;
    private final long rest;
    private final Map<HttpConnection, Watched> connections = new HashMap<>();

    private HeadDeadline(Duration head, Duration rest) {
        this.head = head.toNanos();
        this.rest = rest.toNanos();
    }

    static HeadDeadline start(Vertx vertx) {
        return start(vertx, HEAD, REST, TICK);
    }

    static HeadDeadline start(Vertx vertx, Duration head, Duration rest, Duration tick) {
        HeadDeadline deadline = new HeadDeadline(head, rest);
        vertx.setPeriodic(tick.toMillis(), turn -> deadline.closeLate(System.nanoTime()));
        return deadline;
    }

    /** A connection was opened; with TLS, its handshake is done, which has a limit of its own. */
    void opened(HttpConnection connection) {
        Watched watched = new Watched();
        connections.put(connection, watched);
        // At the front, for what the codec passes on is a head already.
        ((ConnectionBase) connection).channel().pipeline().addFirst(watched);
        connection.closeHandler(closed -> connections.remove(connection));
    }

    /** A whole head has come. */
    void begun(HttpServerRequest request) {
        if (request.version() == HttpVersion.HTTP_2) {
            connections.remove(request.connection());
            return;
        }
        Watched watched = connections.get(request.connection());
        if (watched != null) {
            watched.response = request.response();
        }
    }

    private void closeLate(long now) {
        connections.entrySet().stream()
                .filter(entry -> entry.getValue().isLate(now))
                .map(Map.Entry::getKey)
                .toList()
                .forEach(HttpConnection::close);
    }

    /** One connection. It is new, or busy with a response, or rests, or a head is coming. */
    private final class Watched extends ChannelInboundHandlerAdapter {
        private boolean headComes = true;
        private long since = System.nanoTime();
        private @Nullable HttpServerResponse response;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object bytes) {
            if (!isBusy() && !headComes) {
                headComes = true;
                since = System.nanoTime();
            }
            ctx.fireChannelRead(bytes);
        }

        private boolean isLate(long now) {
            return !isBusy() && now - since >= (headComes ? head : rest);
        }

        /** Whether a response is due; when it has ended, the connection rests from now on. */
        private boolean isBusy() {
            if (response == null) {
                return false;
            }
            if (response.ended()) {
                response = null;
                headComes = false;
                since = System.nanoTime();
            }
            return response != null;
        }
    }
}
