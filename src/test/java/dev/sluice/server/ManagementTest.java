package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManagementTest {
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static HttpResponse<byte[]> ask(String method, String path) {
        return server.send(
                HttpRequest.newBuilder(server.managementUri(path)).method(method, HttpRequest.BodyPublishers.noBody()));
    }

    /** Load balancers ask with either. */
    @ParameterizedTest
    @ValueSource(strings = {"/health/live", "/metrics"})
    void whatIsToldIsToldAHeadToo(String path) {
        assertThat(ask("GET", path).statusCode()).isBetween(200, 204);
        HttpResponse<byte[]> head = ask("HEAD", path);
        assertThat(head.statusCode()).isEqualTo(ask("GET", path).statusCode());
        assertThat(head.body()).isEmpty();
    }

    @Test
    void whatIsNotThereIsAProblem() {
        assertProblem(ask("GET", "/health"), 404);
        HttpResponse<byte[]> refused = ask("POST", "/metrics");
        assertProblem(refused, 405);
        assertThat(refused.headers().firstValue("Allow")).hasValue("GET, HEAD");
    }
}
