package dev.sluice.server;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;

/**
 * What becomes of a body that nobody will read. A little of it is worth reading, so that the client gets its answer and
 * keeps its connection; of more, and of one that was asked for but never continued, the connection is the price.
 */
final class UnreadBody {
    private static final long WORTH_READING = 1 << 20;

    private UnreadBody() {}

    /** Before a refusal is written. */
    static void discard(HttpServerRequest request) {
        if (request.isEnded() || request.version() == HttpVersion.HTTP_2) {
            return;
        }
        if (request.headers().contains(HttpHeaders.EXPECT)) {
            request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            request.response().endHandler(sent -> request.connection().close());
            return;
        }
        long[] read = {0};
        request.handler(bytes -> {
            read[0] += bytes.length();
            if (read[0] > WORTH_READING) {
                request.handler(null);
                request.connection().close();
            }
        });
        request.resume();
    }
}
