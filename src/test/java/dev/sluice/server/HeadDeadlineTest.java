package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.database.TestDatabase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** On servers of its own: one that is impatient with heads, and one that is with rests. */
class HeadDeadlineTest {
    private static final String REQUEST = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final Duration SOON = Duration.ofMillis(100);
    private static final Duration NEVER = Duration.ofHours(1);
    private static final Duration TICK = Duration.ofMillis(20);

    private static Vertx vertx;
    private static int hurriesHeads;
    private static int hurriesRests;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
        hurriesHeads = listen(SOON, NEVER);
        hurriesRests = listen(NEVER, SOON);
    }

    @AfterAll
    static void stop() {
        TestDatabase.await(vertx.close());
    }

    private static int listen(Duration head, Duration rest) {
        HeadDeadline deadline = HeadDeadline.start(vertx, head, rest, TICK);
        HttpServer server = vertx.createHttpServer(new HttpServerOptions().setHttp2ClearTextEnabled(false))
                .connectionHandler(deadline::opened)
                .requestHandler(request -> {
                    deadline.begun(request);
                    long delay = request.path().equals("/slow") ? 5 * SOON.toMillis() : 1;
                    vertx.setTimer(delay, late -> request.response().end());
                });
        return TestDatabase.await(server.listen(0, "127.0.0.1")).actualPort();
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(30_000);
        return socket;
    }

    /** A connection whose first head came across in time: on a busy machine not every one does. */
    private static Socket answered(int port, String request) throws IOException {
        long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            Socket socket = connect(port);
            try {
                send(socket, request);
                assertThat(response(socket)).startsWith("HTTP/1.1 200");
                return socket;
            } catch (IOException | AssertionError closed) {
                socket.close();
                if (System.nanoTime() > patience) {
                    throw closed;
                }
            }
        }
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String response(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int c = in.read();
            assertThat(c).as("the connection lives after: " + head).isNotNegative();
            head.append((char) c);
        }
        return head.toString();
    }

    @Test
    void aConnectionThatSendsNothingIsClosed() throws IOException {
        try (Socket silent = connect(hurriesHeads)) {
            assertThat(silent.getInputStream().read()).isNegative();
        }
    }

    @Test
    void aHeadThatIsNotWholeInTimeIsClosedHoweverItTrickles() throws Exception {
        try (Socket slow = connect(hurriesHeads)) {
            send(slow, "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
            Thread trickle = new Thread(() -> {
                try {
                    while (true) {
                        send(slow, "x");
                        Thread.sleep(10);
                    }
                } catch (IOException | InterruptedException closed) {
                    // The server has closed, which is what is waited for.
                }
            });
            trickle.start();
            try {
                assertThat(slow.getInputStream().read()).isNegative();
            } catch (IOException reset) {
                assertThat(reset).hasMessageContaining("reset");
            }
            slow.close();
            trickle.join();
        }
    }

    @Test
    void aLaterHeadHasTheSameDeadlineFromItsFirstByte() throws IOException {
        try (Socket connection = answered(hurriesHeads, REQUEST)) {
            send(connection, "GET / HT");
            assertThat(connection.getInputStream().read()).isNegative();
        }
    }

    @Test
    void aRequestUnderWayIsNotHurried() throws IOException {
        answered(hurriesHeads, REQUEST.replace("GET /", "GET /slow")).close();
    }

    @Test
    void aConnectionThatRestsIsClosedLater() throws IOException {
        try (Socket connection = connect(hurriesRests)) {
            send(connection, REQUEST);
            assertThat(response(connection)).startsWith("HTTP/1.1 200");
            assertThat(connection.getInputStream().read()).isNegative();
        }
    }
}
