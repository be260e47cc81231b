package dev.sluice.delivery;

import dev.sluice.metrics.Meters;
import dev.sluice.metrics.Outcome;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends a client on to the store that has the bytes: authorised and recorded here, read there. Event loop. */
final class Redirection {
    private static final Logger log = LoggerFactory.getLogger(Redirection.class);

    private static final int TEMPORARY_REDIRECT = 307;

    /** The client would repeat them there, where the content has another tag and time. */
    private static final List<String> CONDITIONS =
            List.of("If-Match", "If-None-Match", "If-Range", "If-Modified-Since", "If-Unmodified-Since");

    private Redirection() {}

    static boolean suits(HttpServerRequest request) {
        return CONDITIONS.stream().noneMatch(request.headers()::contains);
    }

    /** The intent is recorded already. */
    static Future<Void> send(
            Asked asked, Representation representation, URI address, DownloadRecords.Recorded recorded, Meters meters) {
        log.info("Sent the client on for a {} download [{}]", representation.kind(), asked.id());
        return asked.request()
                .response()
                .setStatusCode(TEMPORARY_REDIRECT)
                .putHeader(HttpHeaders.LOCATION, address.toString())
                .putHeader(HttpHeaders.CACHE_CONTROL, "private, no-store")
                .putHeader(HttpHeaders.CONTENT_LENGTH, "0")
                .end()
                .onComplete(sent -> {
                    recorded.ended(
                            Outcome.REDIRECTED,
                            0,
                            Duration.ofNanos(System.nanoTime() - asked.arrival().at()));
                    meters.downloadEnded(representation.kind(), Outcome.REDIRECTED);
                });
    }
}
