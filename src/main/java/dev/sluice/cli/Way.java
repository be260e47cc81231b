package dev.sluice.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Flow;

/** The way to a server, through whatever stands on it. Blocking. */
final class Way {
    /** Until the head of an answer. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    private final URI server;
    private final Optional<String> token;

    /** @param token a bearer token; empty for links that need none */
    Way(URI server, Optional<String> token) {
        this.server = server;
        this.token = token;
    }

    Optional<String> token() {
        return token;
    }

    URI server() {
        return server;
    }

    /** The answer with its body unread, which the caller closes. */
    HttpResponse<InputStream> get(URI target, String... fields) throws IOException {
        return send(request(target, fields).GET().build());
    }

    /** An answer that is no download, as text. */
    String text(String path) throws IOException {
        URI target = server.resolve(path);
        HttpResponse<InputStream> response = get(target);
        try (InputStream body = response.body()) {
            if (response.statusCode() != 200) {
                throw new IOException(target + " answers " + response.statusCode());
            }
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /**
     * The status, and the content type, that meets an upload before any of its bytes; empty when they are asked for.
     *
     * @param length that is announced; nothing is ever sent
     */
    Optional<HttpResponse<InputStream>> announce(String path, long length) {
        Flow.Publisher<java.nio.ByteBuffer> nothing = subscriber -> subscriber.onSubscribe(new Flow.Subscription() {
            @Override
            public void request(long count) {
                subscriber.onError(new IOException("nothing is sent"));
            }

            @Override
            public void cancel() {}
        });
        try {
            return Optional.of(send(request(server.resolve(path))
                    .expectContinue(true)
                    .PUT(HttpRequest.BodyPublishers.fromPublisher(nothing, length))
                    .build()));
        } catch (IOException asked) {
            return Optional.empty();
        }
    }

    private HttpRequest.Builder request(URI target, String... fields) {
        HttpRequest.Builder request = HttpRequest.newBuilder(target).timeout(PATIENCE);
        token.ifPresent(bearer -> request.header("Authorization", "Bearer " + bearer));
        if (fields.length > 0) {
            request.headers(fields);
        }
        return request;
    }

    private HttpResponse<InputStream> send(HttpRequest request) throws IOException {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        }
    }
}
