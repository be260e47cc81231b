package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes to no route is told as all else that is refused; and what names nothing comes to none. */
class UnreadableRequestTest {
    /** What the server reads of a head. */
    private static final int MOST = 12 << 10;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.builder().with("http.max-header-size", "12KiB").start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    static Stream<Arguments> unreadable() {
        // So long that all is read before it is refused: what was not read when a connection closes can take the answer
        // with it.
        String longest = "a".repeat(MOST);
        return Stream.of(
                Arguments.of(414, "GET /" + longest),
                Arguments.of(431, "GET /version HTTP/1.1\r\nHost: localhost\r\nX: " + longest),
                Arguments.of(400, "GET /version HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n"));
    }

    @ParameterizedTest
    @MethodSource("unreadable")
    void itIsAProblemAndTheLastAnswer(int status, String request) throws IOException, InterruptedException {
        Metrics metrics = new Metrics(server);
        String series = "sluice_http_responses_total{kind=\"other\",status=\"" + status + "\"}";
        double before = metrics.value(series);
        try (RawConnection connection = RawConnection.to(server)) {
            RawConnection.Response refused = connection.send(request).receive("GET");
            assertThat(assertProblem(refused, status).getString("detail")).isNotEmpty();
            assertThat(refused.fields()).containsEntry("connection", "close").containsKey("date");
            assertThat(connection.isClosedByServer()).isTrue();
        }
        metrics.await(series, before + 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/%ff", "/%C3", "/%c3%28", "/%ed%a0%80", "/version?v=%80", "/%c3/%a4"})
    void whatIsNotUtf8NamesNothing(String target) throws IOException {
        try (RawConnection connection = RawConnection.to(server)) {
            RawConnection.Response refused = connection.exchange("GET", server.token("alice"), target);
            assertThat(assertProblem(refused, 400).getString("detail")).contains("UTF-8");
        }
    }

    @Test
    void whatIsUtf8Does() throws IOException {
        try (RawConnection connection = RawConnection.to(server)) {
            String target = "/version?v=%C3%A4%e2%82%ac%F0%9F%98%80";
            assertThat(connection.exchange("GET", server.token("alice"), target).status())
                    .isEqualTo(200);
        }
    }
}
