package dev.sluice.access;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.atomic.AtomicInteger;

/** A JWKS server on loopback whose answer the test exchanges. */
final class JwksHost {
    final AtomicInteger requests = new AtomicInteger();
    private final Vertx vertx;
    private final int port;
    private volatile Handler<HttpServerRequest> answer;
    private HttpServer server;

    /** Serves these keys, each a JWK. */
    JwksHost(Vertx vertx, String... keys) {
        this.vertx = vertx;
        this.answer = whole(keys);
        server = listen(0);
        port = server.actualPort();
    }

    String url() {
        return "http://127.0.0.1:" + port + "/keys.json";
    }

    void serve(String... keys) {
        answer = whole(keys);
    }

    private static Handler<HttpServerRequest> whole(String... keys) {
        String set = "{\"keys\":[" + String.join(",", keys) + "]}";
        return request -> request.response().end(set);
    }

    void answer(Handler<HttpServerRequest> next) {
        answer = next;
    }

    /** One after the other on one connection, so that what came before has been counted at the end. */
    void askSeveralTimes() {
        HttpClient client = vertx.createHttpClient();
        for (int i = 0; i < 3; i++) {
            Verifiers.await(client.request(HttpMethod.GET, port, "127.0.0.1", "/keys.json")
                    .compose(HttpClientRequest::send)
                    .compose(HttpClientResponse::body));
        }
        Verifiers.await(client.close());
    }

    void goDown() {
        Verifiers.await(server.close());
    }

    void comeUp() {
        server = listen(port);
    }

    private HttpServer listen(int onPort) {
        return Verifiers.await(vertx.createHttpServer()
                .requestHandler(request -> {
                    requests.incrementAndGet();
                    answer.handle(request);
                })
                .listen(onPort, "127.0.0.1"));
    }
}
