package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.junit5.VertxExtension;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class BodyDeadlineTest {
    private static final int PATIENCE_MILLIS = 30_000;

    @Test
    void aBodyThatStopsComingEndsTheRequestAndTheConnection(Vertx vertx) throws Exception {
        try (Socket client = connected(vertx, Duration.ofMillis(100))) {
            client.getOutputStream().write(head("Content-Length: 100\r\n\r\n{\"a\":"));
            String answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(answer).startsWith("HTTP/1.1 408 ").contains("The body did not come in time");
        }
    }

    @Test
    void aBodyThatHasComeIsNotHurriedWhileItIsAnswered(Vertx vertx) throws Exception {
        try (Socket client = connected(vertx, Duration.ofMillis(200))) {
            client.getOutputStream().write(head("Connection: close\r\nContent-Length: 2\r\n\r\n{}"));
            String answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(answer).startsWith("HTTP/1.1 200 ").endsWith("2 bytes");
        }
    }

    private static byte[] head(String rest) {
        return ("POST / HTTP/1.1\r\nHost: a\r\n" + rest).getBytes(StandardCharsets.US_ASCII);
    }

    /** To a server whose only route takes a while to answer. */
    private static Socket connected(Vertx vertx, Duration limit) throws Exception {
        Router router = Router.router(vertx);
        router.route().handler(RequestId::assign).failureHandler(new ProblemMapper()::handle);
        router.post("/")
                .handler(new BodyDeadline(limit))
                .handler(BodyHandler.create(false))
                .handler(ctx -> vertx.setTimer(
                        500, later -> ctx.end(ctx.body().length() + " bytes").onFailure(ctx::fail)));
        HttpServer server = vertx.createHttpServer()
                .requestHandler(router)
                .listen(0, "127.0.0.1")
                .await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        Socket client = new Socket(InetAddress.getLoopbackAddress(), server.actualPort());
        client.setSoTimeout(PATIENCE_MILLIS);
        return client;
    }
}
