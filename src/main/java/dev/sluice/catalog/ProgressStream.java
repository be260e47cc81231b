package dev.sluice.catalog;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;

/**
 * Progress as server-sent events (HTML Standard §9.2), at most four a second and only what is new, until the download has ended. A
 * client that does not read gets the newest when it does, nothing piles up. Event loop.
 */
final class ProgressStream {
    private static final Duration INTERVAL = Duration.ofMillis(250);

    /** A comment after so many intervals without news, so that no proxy takes the connection for dead. */
    private static final int SILENCE = 60;

    private final RoutingContext ctx;
    private final HttpServerResponse response;
    private final CatalogEntry entry;
    private final CatalogQueries queries;
    private final Promise<Void> over = Promise.promise();
    private String last = "";
    private boolean asking;
    private int silent;

    ProgressStream(RoutingContext ctx, CatalogEntry entry, CatalogQueries queries) {
        this.ctx = ctx;
        this.response = ctx.response();
        this.entry = entry;
        this.queries = queries;
    }

    /** Completes when the stream has ended, whoever ended it. */
    Future<Void> run(CatalogDownload first) {
        response.putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .putHeader("X-Accel-Buffering", "no")
                .setChunked(true);
        long timer = ctx.vertx().setPeriodic(INTERVAL.toMillis(), tick -> ask());
        response.closeHandler(left -> over.tryComplete());
        response.exceptionHandler(left -> over.tryComplete());
        tell(first);
        return over.future().onComplete(ended -> ctx.vertx().cancelTimer(timer));
    }

    private void ask() {
        if (asking || response.writeQueueFull()) {
            return;
        }
        asking = true;
        queries.find(entry.id()).onComplete(found -> {
            asking = false;
            if (over.future().isComplete()) {
                return;
            }
            // A database that is away for a moment is no news.
            if (found.succeeded()) {
                found.result().ifPresentOrElse(this::tell, this::end);
            }
        });
    }

    private void tell(CatalogDownload download) {
        String now = download.toJson(entry).encode();
        if (!now.equals(last)) {
            last = now;
            silent = 0;
            write("data: " + now + "\n\n");
        } else if (++silent % SILENCE == 0) {
            write(":\n\n");
        }
        if (download.status().terminal()) {
            end();
        }
    }

    private void write(String event) {
        response.write(event).onFailure(left -> over.tryComplete());
    }

    private void end() {
        response.end().onComplete(ended -> over.tryComplete());
    }
}
