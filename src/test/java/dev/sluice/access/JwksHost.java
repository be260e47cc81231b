package dev.sluice.access;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** A JWKS server on loopback whose answer the test exchanges. */
final class JwksHost {
    final AtomicInteger requests = new AtomicInteger();
    private final Vertx vertx;
    private final int port;
    private volatile Handler<HttpServerRequest> answer;
    private HttpServer server;

    /** While it is down: bound, so that nobody else gets the port, and not listening. */
    private Optional<Socket> held = Optional.empty();

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

    void goDown() throws IOException {
        Verifiers.await(server.close());
        held = Optional.of(bound());
    }

    /** Once the port is free, which may be a moment after the server is said to be closed. */
    private Socket bound() throws IOException {
        long giveUp = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (true) {
            Socket socket = new Socket();
            try {
                // Connections to what listened may still be ending.
                socket.setReuseAddress(true);
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return socket;
            } catch (BindException notYet) {
                socket.close();
                if (System.nanoTime() > giveUp) {
                    throw notYet;
                }
                LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
            }
        }
    }

    void comeUp() throws IOException {
        held.orElseThrow().close();
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
