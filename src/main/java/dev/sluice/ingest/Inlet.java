package dev.sluice.ingest;

import io.netty.channel.Channel;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.net.impl.VertxConnection;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What a connection brings, in order and at the reader's pace: bytes, then their end or a break. The pace is kept by not reading the
 * socket. Vert.x's own {@code pause} will not do: a connection that is closed behind a whole body, as HTTP/1.0 servers close each,
 * is taken for broken while the body's last bytes wait, and these are lost. Event loop.
 */
final class Inlet {
    /** Told what comes, while it flows. */
    interface Reader {
        void bytes(Buffer bytes);

        /** All of the body has come. */
        void end();

        /** No more will come, and it was not all. */
        void broken();
    }

    private enum Last {
        NONE,
        END,
        BROKEN
    }

    private final Channel channel;
    private final Deque<Buffer> waiting = new ArrayDeque<>();
    private Last last = Last.NONE;
    private @Nullable Reader reader;
    private boolean flowing;

    /** Right when the head has come: from then on nothing is lost. Flows when it has a reader. */
    Inlet(HttpClientRequest request, HttpClientResponse response) {
        this.channel = ((VertxConnection) request.connection()).channel();
        channel.config().setAutoRead(false);
        response.exceptionHandler(broken -> ends(Last.BROKEN));
        response.endHandler(end -> ends(Last.END));
        response.handler(bytes -> {
            waiting.add(bytes);
            hand();
        });
    }

    void read(Reader by) {
        reader = by;
        resume();
    }

    void resume() {
        flowing = true;
        hand();
    }

    /** What is already on its way from the socket waits here. */
    void pause() {
        flowing = false;
        channel.config().setAutoRead(false);
    }

    private void ends(Last how) {
        if (last == Last.NONE) {
            last = how;
            hand();
        }
    }

    private void hand() {
        Reader to = reader;
        while (to != null && flowing) {
            Buffer bytes = waiting.poll();
            if (bytes != null) {
                to.bytes(bytes);
            } else if (last == Last.NONE) {
                channel.config().setAutoRead(true);
                return;
            } else {
                reader = null;
                if (last == Last.END) {
                    to.end();
                } else {
                    to.broken();
                }
                return;
            }
        }
    }
}
