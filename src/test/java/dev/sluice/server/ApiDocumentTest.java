package dev.sluice.server;

import static dev.sluice.server.Models.expect;
import static dev.sluice.server.Responses.field;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.Validator;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Holds the running server against its own document, both ways. */
class ApiDocumentTest {
    private static final Set<String> MIDDLEWARE = Set.of("/api/", "/ml/");

    private static TestServer server;
    private static JsonNode document;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.start();
        document = new YAMLMapper().readTree(server.get("", "/api/openapi.yaml").body());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void everyRouteIsDocumentedAndEveryDocumentedOperationIsRouted() {
        Set<String> routed = new TreeSet<>();
        for (Route route : server.router().getRoutes()) {
            if (route.methods() == null || route.getName() == null || MIDDLEWARE.contains(route.getName())) {
                continue;
            }
            String path = route.getName().replaceAll(":(\\w+)", "{$1}");
            for (HttpMethod method : route.methods()) {
                routed.add(path + " " + method.name());
            }
        }
        Set<String> documented = new TreeSet<>();
        document.path("paths")
                .properties()
                .forEach(path -> path.getValue().fieldNames().forEachRemaining(method -> {
                    if (!method.equals("parameters")) {
                        documented.add(path.getKey() + " " + method.toUpperCase(java.util.Locale.ROOT));
                    }
                    // The document says so once for all of them.
                    if (method.equals("get")) {
                        documented.add(path.getKey() + " HEAD");
                    }
                }));
        assertThat(documented).isEqualTo(routed);
    }

    @Test
    void answersOfTheServerAreAsTheDocumentSays() {
        server.completed("ann", "job1", Map.of("model/weights.bin", Models.noise(100), "training.log", new byte[10]));
        Models models = new Models(server);
        String id = models.published("ann", "job1").getString("id");
        validate("/version", "/version", 200);
        validate("/api/training/jobs", "/api/training/jobs", 200);
        validate("/api/training/jobs/{job_id}", "/api/training/jobs/job1", 200);
        for (String list : Set.of("checkpoints", "files", "metrics", "tail")) {
            validate("/api/training/{job_id}/" + list, "/api/training/job1/" + list, 200);
        }
        validate("/api/training/jobs/{job_id}", "/api/training/jobs/none", 404);
        validate("/api/training/jobs", "/api/training/jobs?limit=0", 400);
        validate("/api/models", "/api/models", 200);
        validate("/api/models/{id}", "/api/models/" + id, 200);
        validate("/api/models/{id}/versions", "/api/models/" + id + "/versions", 200);
        validate("/api/models/{id}/shares", "/api/models/" + id + "/shares", 200);
        validate("/api/models/stats", "/api/models/stats", 200);
        validate("/api/notifications", "/api/notifications", 200);
        validate("/api/catalog", "/api/catalog", 200);
        validate("/api/downloads", "/api/downloads", 200);
        validate("/api/downloads/stats", "/api/downloads/stats", 200);
        validate("/api/audit", "/api/audit", 200);
    }

    private static void validate(String path, String target, int status) {
        HttpResponse<byte[]> response = server.get(server.token("ann"), target);
        expect(status, response);
        JsonNode described =
                document.path("paths").path(path).path("get").path("responses").path("" + status);
        if (described.has("$ref")) {
            described = document.at(described.path("$ref").asText().substring(1));
        }
        String mediaType = field(response, "Content-Type");
        JsonNode schema = described.path("content").path(mediaType).path("schema");
        assertThat(schema.isObject()).as(path + " " + status + " " + mediaType).isTrue();
        JsonObject whole = new JsonObject(schema.toString().replace("#/components/schemas/", "#/$defs/"))
                .put(
                        "$defs",
                        new JsonObject(document.at("/components/schemas")
                                .toString()
                                .replace("#/components/schemas/", "#/$defs/")));
        OutputUnit result = Validator.create(
                        JsonSchema.of(whole),
                        new JsonSchemaOptions().setDraft(Draft.DRAFT202012).setBaseUri("https://sluice.test/"))
                .validate(new JsonObject(new String(response.body(), UTF_8)));
        assertThat(result.getValid()).as(() -> target + ": " + result.toJson()).isTrue();
    }

    @Test
    void whoHasTheDocumentIsNotSentItAgain() {
        for (String target : Set.of("/api/openapi.yaml", "/docs")) {
            HttpResponse<byte[]> first = server.get("", target);
            expect(200, first);
            expect(304, server.get("", target, "If-None-Match", field(first, "ETag")));
            expect(200, server.get("", target, "If-None-Match", "\"other\""));
        }
    }
}
