package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static dev.sluice.server.Responses.field;
import static dev.sluice.server.Responses.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.access.Scope;
import io.vertx.ext.web.Route;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every route of published models against owner, reader, stranger, admin, trainer and nobody. */
class ModelIsolationTest {
    private static final String NOBODYS = "00000000-0000-4000-8000-000000000000";

    private static TestServer server;
    private static String id;

    @BeforeAll
    static void start() {
        server = TestServer.start();
        id = new Models(server)
                .ofFiles("alice", "hers", Map.of("model/w.txt", "x".getBytes(StandardCharsets.UTF_8)))
                .getString("id");
        Models.expect(
                201,
                server.send(server.request(server.token("alice"), "/api/models/" + id + "/shares/reader")
                        .PUT(BodyPublishers.noBody())));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    static Stream<Arguments> reads() {
        return Stream.of(
                Arguments.of("GET", "/api/models/{id}"),
                Arguments.of("HEAD", "/api/models/{id}"),
                Arguments.of("GET", "/api/models/{id}/versions"),
                Arguments.of("GET", "/api/models/{id}/archive"),
                Arguments.of("HEAD", "/api/models/{id}/archive"),
                Arguments.of("GET", "/api/models/{id}/archive/x.tar"),
                Arguments.of("GET", "/api/models/{id}/files/w.txt"),
                Arguments.of("GET", "/api/models/{id}/SHA256SUMS"),
                Arguments.of("GET", "/api/models/{id}/model.meta4"),
                Arguments.of("GET", "/api/models/compare?ids={id},{id2}"),
                Arguments.of("POST", "/api/models/{id}/download"));
    }

    static Stream<Arguments> writes() {
        return Stream.of(
                Arguments.of("PATCH", "/api/models/{id}"),
                Arguments.of("DELETE", "/api/models/{id}"),
                Arguments.of("POST", "/api/models/{id}/restore"),
                Arguments.of("POST", "/api/models/{id}/rollback"),
                Arguments.of("GET", "/api/models/{id}/shares"),
                Arguments.of("PUT", "/api/models/{id}/shares/mallory"),
                Arguments.of("DELETE", "/api/models/{id}/shares/reader"));
    }

    static Stream<Arguments> all() {
        return Stream.of(
                        reads(),
                        writes(),
                        Stream.of(
                                Arguments.of("GET", "/api/models"),
                                Arguments.of("POST", "/api/models"),
                                Arguments.of("POST", "/models/save"),
                                Arguments.of("GET", "/api/models/stats"),
                                Arguments.of("POST", "/api/models/bulk"),
                                Arguments.of("GET", "/api/notifications"),
                                Arguments.of("POST", "/api/notifications/{id}/read")))
                .flatMap(routes -> routes);
    }

    @ParameterizedTest
    @MethodSource("all")
    void nobodyPassesWithoutAValidToken(String method, String path) {
        for (String token : new String[] {server.expiredToken("alice"), "garbage"}) {
            HttpResponse<byte[]> refused = send(token, method, path, id);
            assertThat(refused.statusCode()).isEqualTo(401);
            assertThat(field(refused, "WWW-Authenticate")).isEqualTo("Bearer error=\"invalid_token\"");
        }
    }

    @ParameterizedTest
    @MethodSource({"reads", "writes"})
    void whatIsForeignCannotBeToldFromWhatIsMissing(String method, String path) {
        for (String stranger :
                new String[] {server.token("bob"), server.trainer(), server.token("root", Scope.ADMIN)}) {
            HttpResponse<byte[]> foreign = send(stranger, method, path, id);
            for (String missing : new String[] {NOBODYS, "none", "%00", id.toUpperCase(java.util.Locale.ROOT)}) {
                assertSame(foreign, send(stranger, method, path, missing));
            }
            assertThat(foreign.statusCode()).isEqualTo(404);
            if (!method.equals("HEAD")) {
                assertThat(assertProblem(foreign, 404, "Model not found").getBoolean("success"))
                        .isFalse();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("reads")
    void theOwnerAndAReaderRead(String method, String path) {
        // A comparison needs a second one, which is nobody's here.
        int status = path.contains("compare") ? 404 : 200;
        for (String who : new String[] {"alice", "reader"}) {
            assertThat(send(server.token(who), method, path, id).statusCode())
                    .as(who)
                    .isEqualTo(status);
        }
    }

    /** Links are no part of it: who holds one is nobody. */
    @Test
    void theMatrixHasEveryRouteOfModels() {
        Set<String> routed = new TreeSet<>();
        for (Route route : server.router().getRoutes()) {
            String path = route.getName();
            if (route.methods() != null
                    && path != null
                    && (path.startsWith("/api/models")
                            || path.startsWith("/api/notifications")
                            || path.equals("/models/save"))) {
                route.methods().forEach(method -> routed.add(method.name() + " " + path));
            }
        }
        routed.removeIf(route -> route.startsWith("HEAD "));
        Set<String> matrix = all().map(Arguments::get)
                .map(route -> route[0] + " " + route[1])
                .map(route -> route.replaceFirst("\\?.*", "")
                        .replace("{id}", ":id")
                        .replace("/w.txt", "/:path")
                        .replace("/x.tar", "/:name")
                        .replaceFirst("/shares/.*", "/shares/:grantee"))
                .filter(route -> !route.startsWith("HEAD "))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(matrix).isEqualTo(routed);
    }

    @ParameterizedTest
    @MethodSource("writes")
    void aReaderChangesNothing(String method, String path) {
        HttpResponse<byte[]> refused = send(server.token("reader"), method, path, id);
        assertSame(refused, send(server.token("reader"), method, path, NOBODYS));
        assertThat(refused.statusCode()).isEqualTo(404);
    }

    @Test
    void listsShowOnesOwnAndWhatIsShared() {
        Models models = new Models(server);
        for (String who : new String[] {"alice", "reader"}) {
            assertThat(models.list(who, "").getJsonArray("models")).hasSize(1);
        }
        assertThat(models.list("bob", "").getJsonArray("models")).isEmpty();
        assertThat(json(server.get(server.token("bob"), "/api/notifications")).getJsonArray("notifications"))
                .isEmpty();
        String bulk = "{\"action\":\"delete\",\"ids\":[\"" + id + "\"]}";
        for (String who : new String[] {"bob", "reader"}) {
            HttpResponse<byte[]> response = server.post(server.token(who), "/api/models/bulk", bulk);
            assertThat(json(response).getJsonObject("data").getJsonArray("not_found"))
                    .hasSize(1);
        }
        assertThat(server.get(server.token("alice"), "/api/models/" + id).statusCode())
                .isEqualTo(200);
        String own = json(server.get(server.token("alice"), "/api/notifications"))
                .getJsonArray("notifications")
                .getJsonObject(0)
                .getString("id");
        assertProblem(
                server.post(server.token("bob"), "/api/notifications/" + own + "/read", ""),
                404,
                "Notification not found");
        HttpResponse<byte[]> read = server.post(server.token("alice"), "/api/notifications/" + own + "/read", "");
        assertThat(json(read).getInstant("read_at")).isNotNull();
    }

    private static HttpResponse<byte[]> send(String token, String method, String path, String model) {
        return server.send(server.request(
                        token, path.replace("{id}", model).replace("{id2}", NOBODYS.replace("0000-4", "0001-4")))
                .header("Content-Type", "application/json")
                .method(
                        method,
                        List.of("GET", "HEAD", "DELETE").contains(method)
                                ? BodyPublishers.noBody()
                                : BodyPublishers.ofString(path.endsWith("/download") ? "" : "{}")));
    }

    private static void assertSame(HttpResponse<byte[]> one, HttpResponse<byte[]> other) {
        assertThat(head(other)).isEqualTo(head(one));
        assertThat(text(other)).isEqualTo(text(one));
    }

    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8)
                .replace(field(response, "X-Request-Id"), "#".repeat(32));
    }

    private static Map<String, ?> head(HttpResponse<byte[]> response) {
        Map<String, Object> fields = new TreeMap<>(response.headers().map());
        fields.remove("x-request-id");
        fields.remove("date");
        fields.put(":status", response.statusCode());
        return fields;
    }
}
