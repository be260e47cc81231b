package dev.sluice.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What pages of other origins may read, and what caches are told of it. */
class CrossOriginTest {
    private static final String ALLOWED = "https://one.example";

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.builder()
                .with("http.cors-origins", ALLOWED + ",https://two.example")
                .start();
        server.completed("alice", "run-1", Map.of("model/a.txt", "a".getBytes(UTF_8)));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static HttpResponse<byte[]> get(String path, String origin) {
        return server.get(server.token("alice"), path, "Origin", origin);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/training/jobs/run-1",
                "/api/training/run-1/files/model/a.txt",
                "/api/training/run-1/download/model"
            })
    void anAllowedOriginMayReadAndACacheIsToldThatItCounts(String path) {
        HttpResponse<byte[]> response = get(path, ALLOWED);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Access-Control-Allow-Origin")).hasValue(ALLOWED);
        assertThat(vary(response)).contains("origin");
    }

    @Test
    void whatIsDeliveredAlsoDependsOnWhoAsks() {
        assertThat(vary(get("/api/training/run-1/download/model", ALLOWED))).contains("authorization", "cookie");
        assertThat(server.get(server.token("alice"), "/api/training/run-1/download/model")
                        .headers()
                        .allValues("Vary"))
                .as("a cache must not answer a page with what came for none")
                .containsExactly("origin", "Authorization, Cookie");
    }

    @Test
    void anyOtherOriginIsAnsweredAsIfThereWereNoSuchProtocol() {
        HttpResponse<byte[]> response = get("/api/training/jobs/run-1", "https://three.example");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
    }

    @Test
    void oneOriginAloneCountsAsWell() {
        try (TestServer alone =
                TestServer.builder().with("http.cors-origins", ALLOWED).start()) {
            for (String origin : List.of(ALLOWED, "https://three.example")) {
                assertThat(vary(alone.get(alone.token("alice"), "/api/training/jobs", "Origin", origin)))
                        .containsOnlyOnce("origin");
            }
        }
    }

    private static List<String> vary(HttpResponse<byte[]> response) {
        return response.headers().allValues("Vary").stream()
                .flatMap(line -> List.of(line.toLowerCase(java.util.Locale.ROOT).split(" *, *")).stream())
                .toList();
    }
}
