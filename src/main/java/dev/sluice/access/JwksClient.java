package dev.sluice.access;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/** Fetches a JWK set: one GET, no redirects, at most 1 MiB within 5 s in all. Safe from any thread. */
final class JwksClient {
    static final int MAX_BYTES = 1 << 20;
    static final Duration TIMEOUT = Duration.ofSeconds(5);

    private static final int OK = 200;
    private static final int MAX_PORT = 65_535;

    private final Vertx vertx;
    private final Context context;
    private final URI url;
    private final HttpClient client;

    /** Throws {@link IllegalArgumentException} for what is no plain http or https URL. */
    JwksClient(Vertx vertx, URI url) {
        boolean http = "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
        if (!http || url.getHost() == null || url.getRawUserInfo() != null || url.getPort() > MAX_PORT) {
            throw new IllegalArgumentException(
                    "the JWKS URL must be http or https, with a host, a possible port and no credentials");
        }
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.url = url;
        // Fetches are minutes apart: a connection kept open would mostly be found dead.
        this.client = vertx.createHttpClient(
                new HttpClientOptions().setKeepAlive(false).setConnectTimeout((int) TIMEOUT.toMillis()));
    }

    /** Fails on anything but a whole 200 in time. */
    Future<byte[]> fetch() {
        Promise<byte[]> outcome = Promise.promise();
        // On one context throughout: elsewhere a response may have ended before its handlers are set.
        context.runOnContext(go -> fetch(outcome));
        return outcome.future();
    }

    private void fetch(Promise<byte[]> outcome) {
        long deadline = vertx.setTimer(
                TIMEOUT.toMillis(), timer -> outcome.tryFail(new TimeoutException("no JWK set within " + TIMEOUT)));
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setAbsoluteURI(url.toString())
                .setFollowRedirects(false)
                .putHeader("Accept", "application/jwk-set+json, application/json");
        client.request(options)
                .compose(request -> {
                    outcome.future().onFailure(failure -> request.reset());
                    // Here, for an answer that comes before anybody takes its body loses it.
                    return request.send().compose(JwksClient::body);
                })
                .onSuccess(outcome::tryComplete)
                .onFailure(outcome::tryFail);
        outcome.future().onComplete(done -> vertx.cancelTimer(deadline));
    }

    Future<Void> close() {
        return client.close();
    }

    private static Future<byte[]> body(HttpClientResponse response) {
        if (response.statusCode() != OK) {
            return Future.failedFuture(new IllegalStateException("status " + response.statusCode()));
        }
        Promise<byte[]> whole = Promise.promise();
        Buffer received = Buffer.buffer();
        response.handler(chunk -> {
            if (received.length() + chunk.length() > MAX_BYTES) {
                whole.tryFail(new IllegalStateException("more than " + MAX_BYTES + " bytes"));
            } else {
                received.appendBuffer(chunk);
            }
        });
        response.exceptionHandler(whole::tryFail);
        response.endHandler(end -> whole.tryComplete(received.getBytes()));
        return whole.future();
    }
}
