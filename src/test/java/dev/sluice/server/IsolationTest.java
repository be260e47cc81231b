package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static dev.sluice.server.Responses.field;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every route against everyone who should not pass. */
class IsolationTest {
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
        server.completed(
                "alice",
                "hers",
                Map.of(
                        "model/step-1/a.txt", bytes("a"),
                        "training.log", bytes("log"),
                        "models/best_model.pkl", bytes("pickle"),
                        "models/leaderboard.csv", bytes("model,accuracy\na,1\n")));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    static Stream<Arguments> reads() {
        return Stream.of(
                        "/api/training/jobs/{job}",
                        "/api/training/{job}/checkpoints",
                        "/api/training/{job}/files",
                        "/api/training/{job}/metrics",
                        "/api/training/{job}/leaderboard",
                        "/api/training/{job}/files/training.log",
                        "/api/training/{job}/files/no/such/file",
                        "/api/training/{job}/download/model",
                        "/api/training/{job}/download/model?checkpoint=step-1",
                        "/api/training/{job}/download/model?checkpoint=..%2f",
                        "/api/training/{job}/download/model?format=rar",
                        "/api/training/{job}/download/model/model_{job}.zip",
                        "/api/training/{job}/download/logs",
                        "/ml/download-model/{job}/best_model",
                        "/ml/download-model/{job}/none",
                        "/ml/download-leaderboard/{job}",
                        "/ml/download-all-models/{job}",
                        "/ml/download-all-models/{job}/all.zip")
                .flatMap(path -> Stream.of("GET", "HEAD").map(method -> Arguments.of(method, path)));
    }

    static Stream<Arguments> writes() {
        return Stream.of(
                Arguments.of("POST", "/api/training/jobs"),
                Arguments.of("PATCH", "/api/training/jobs/{job}"),
                Arguments.of("POST", "/api/training/jobs/{job}/metrics"),
                Arguments.of("PUT", "/api/training/{job}/files/model/b.txt"));
    }

    static Stream<Arguments> all() {
        return Stream.concat(
                Stream.concat(reads(), writes()),
                Stream.of(Arguments.of("GET", "/api/training/jobs"), Arguments.of("GET", "/api/no/such/route")));
    }

    @ParameterizedTest
    @MethodSource("all")
    void nobodyPassesWithoutAValidToken(String method, String path) {
        HttpRequest.Builder none = HttpRequest.newBuilder(server.uri(path.replace("{job}", "hers")));
        HttpResponse<byte[]> first = server.send(none.method(method, BodyPublishers.ofString("{}")));
        assertUnauthorized(method, first);
        for (String token : new String[] {
            server.expiredToken("alice"), "garbage", "a.b.c", server.token("alice") + "x", "eyJhbGciOiJub25lIn0.e30."
        }) {
            HttpResponse<byte[]> refused = send(token, method, path, "hers");
            assertUnauthorized(method, refused);
            assertThat(text(refused)).as("says nothing of what is wrong").isEqualTo(text(first));
        }
        HttpResponse<byte[]> basic = server.send(HttpRequest.newBuilder(server.uri(path.replace("{job}", "hers")))
                .header("Authorization", "Basic YWxpY2U6c2VjcmV0")
                .method(method, BodyPublishers.noBody()));
        assertUnauthorized(method, basic);
    }

    private static void assertUnauthorized(String method, HttpResponse<byte[]> response) {
        assertThat(response.statusCode()).isEqualTo(401);
        assertThat(response.headers().allValues("WWW-Authenticate")).containsExactly("Bearer error=\"invalid_token\"");
        if (!method.equals("HEAD")) {
            assertProblem(response, 401, "A valid bearer token is required");
        }
    }

    @ParameterizedTest
    @MethodSource("reads")
    void whatIsForeignCannotBeToldFromWhatIsMissing(String method, String path) {
        HttpResponse<byte[]> foreign = send(server.token("bob"), method, path, "hers");
        String expected = path.startsWith("/ml/") ? "Task not found" : "Job not found";
        for (String missing : new String[] {"none", "hers2", "..hers", "a%00b"}) {
            HttpResponse<byte[]> other = send(server.token("bob"), method, path, missing);
            assertThat(head(other)).isEqualTo(head(foreign));
            assertThat(text(other)).isEqualTo(text(foreign));
        }
        HttpResponse<byte[]> trainers = send(server.trainer(), method, path, "hers");
        assertThat(text(trainers)).as("the scope to write is none to read").isEqualTo(text(foreign));
        assertThat(foreign.statusCode()).isEqualTo(404);
        if (method.equals("GET")) {
            assertProblem(foreign, 404, expected);
        }
    }

    @ParameterizedTest
    @MethodSource("writes")
    void withoutTheScopeNobodyWritesNotEvenTheOwner(String method, String path) {
        HttpResponse<byte[]> hers = send(server.token("alice"), method, path, "hers");
        assertProblem(hers, 403);
        assertThat(field(hers, "WWW-Authenticate"))
                .isEqualTo("Bearer error=\"insufficient_scope\", scope=\"sluice:ingest\"");
        HttpResponse<byte[]> missing = send(server.token("alice"), method, path, "none");
        assertThat(head(missing)).isEqualTo(head(hers));
        assertThat(text(missing)).isEqualTo(text(hers));
    }

    private static HttpResponse<byte[]> send(String token, String method, String path, String job) {
        return server.send(server.request(token, path.replace("{job}", job))
                .method(
                        method,
                        method.equals("GET") || method.equals("HEAD")
                                ? BodyPublishers.noBody()
                                : BodyPublishers.ofString("{}")));
    }

    /** Without the request's id, which is as long in every response. */
    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8)
                .replace(field(response, "X-Request-Id"), "#".repeat(32));
    }

    private static Map<String, ?> head(HttpResponse<byte[]> response) {
        var fields = new java.util.TreeMap<>(response.headers().map());
        fields.remove("x-request-id");
        fields.remove("date");
        fields.put(":status", java.util.List.of(String.valueOf(response.statusCode())));
        return fields;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
