package dev.sluice.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.access.Scope;
import dev.sluice.ingest.ScriptedUpstream;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server with something of everything, all of it {@code ann}'s: jobs with and without metrics, models, a catalog. Knows a real
 * target, a missing one and a body for each documented operation. Blocking.
 */
final class ApiWorld implements AutoCloseable {
    static final String OWNER = "ann";
    static final String JOB = "job1";
    static final String UNREADABLE = "unreadable";
    static final String DEEP = "deep";

    private static final String NOBODYS = "00000000-0000-4000-8000-000000000000";
    private static final byte[] CONTENT = Models.noise(50_000);
    private static final Pattern ASSET = Pattern.compile("src=\"(/assets/[^\"]+)\"");

    private final CountDownLatch release = new CountDownLatch(1);
    private final ScriptedUpstream upstream;
    private final TestServer server;
    private final Models models;
    private final String model;
    private final String other;
    private final String notification;
    private final String asset;
    private final String link;

    ApiWorld(Path directory) throws IOException {
        upstream = new ScriptedUpstream((request, reply) -> {
            switch (request.path()) {
                case "/gone" -> reply.status(404);
                case "/slow" -> {
                    reply.head(200, "ETag", "\"v1\"", "Content-Length", "50000").body(CONTENT, 0, 100);
                    release.await();
                }
                default -> reply.good(request, CONTENT, "\"v1\"");
            }
        });
        StringBuilder catalog = new StringBuilder("models:\n");
        for (String id : new String[] {"good", "gone", "slow", "huge"}) {
            catalog.append("  - {id: ").append(id).append(", name: Model, file_name: m.gguf, url: \"");
            catalog.append(upstream.url("/" + id)).append("\", size: ");
            catalog.append(id.equals("huge") ? "4000000TB}\n" : "50kB}\n");
        }
        server = TestServer.builder()
                .with(
                        "catalog.file",
                        Files.writeString(directory.resolve("catalog.yaml"), catalog)
                                .toString())
                .with("ingest.allowed-hosts", "127.0.0.1:" + upstream.port())
                .start();
        models = new Models(server);
        jobs();
        model = models.published(OWNER, JOB).getString("id");
        other = models.ofFiles(OWNER, "plain", Map.of("model/w.bin", CONTENT)).getString("id");
        notification = Responses.json(get("/api/notifications"))
                .getJsonArray("notifications")
                .getJsonObject(0)
                .getString("id");
        link = Responses.json(server.post(everything(), "/api/models/" + model + "/download", ""))
                .getJsonObject("data")
                .getJsonArray("files")
                .getJsonObject(0)
                .getString("url");
        Matcher found = ASSET.matcher(new String(
                server.send(HttpRequest.newBuilder(server.uri("/models"))
                                .header("Cookie", "sluice_session=" + server.token(OWNER)))
                        .body(),
                UTF_8));
        if (!found.find()) {
            throw new AssertionError("a page without a module");
        }
        asset = found.group(1);
    }

    private void jobs() {
        Models.expect(
                201,
                server.post(
                        everything(),
                        "/api/training/jobs",
                        "{\"job_id\":\"job1\",\"name\":\"one\",\"total_cost\":1.5,\"config\":{\"lr\":{\"peak\":0.1}},"
                                + "\"dataset\":{\"id\":\"d1\",\"name\":\"tokens\"}}"));
        models.run(JOB);
        models.metrics(
                JOB,
                "[{\"step\":1,\"train_loss\":2.5},{\"step\":2,\"epoch\":1.5,\"train_loss\":1.0,"
                        + "\"validation_loss\":1.1,\"learning_rate\":0.1,\"gradient_norm\":3}]");
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("model/w.bin", CONTENT);
        files.put("model/w.safetensors", safetensors());
        files.put("model/bad.pkl", "cposix\nsystem\n.".getBytes(UTF_8));
        files.put("model/step-1/w.bin", CONTENT);
        files.put("training.log", "step 1\n".getBytes(UTF_8));
        files.put("progress.json", "{\"step\":1}".getBytes(UTF_8));
        files.put("models/best_model.pkl", new byte[] {(byte) 0x80, 2, ']', '.'});
        files.put("models/leaderboard.csv", "model,algorithm,accuracy\nbest_model,Tree,0.9\nx,,\n".getBytes(UTF_8));
        models.upload(JOB, files);
        // Names that no request can ask for.
        server.write(JOB, "model/back\\slash.txt", CONTENT);
        server.write(JOB, "model/step\\2/w.bin", CONTENT);
        models.complete(JOB);
        server.register(OWNER, UNREADABLE);
        models.upload(UNREADABLE, Map.of("models/leaderboard.csv", "model,score\n\"a,1\n".getBytes(UTF_8)));
        server.write(DEEP, "model/" + "d/".repeat(70) + "w.bin", CONTENT);
        server.write(DEEP, "models/" + "d/".repeat(70) + "w.bin", CONTENT);
        server.completed(OWNER, DEEP, Map.of());
    }

    private static byte[] safetensors() {
        byte[] header = "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}".getBytes(UTF_8);
        return ByteBuffer.allocate(16 + header.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length)
                .put(header)
                .array();
    }

    TestServer server() {
        return server;
    }

    String model() {
        return model;
    }

    /** Another model of the same owner. */
    String other() {
        return other;
    }

    /** Of the owner, with every scope. */
    String everything() {
        return server.token(OWNER, Scope.INGEST, Scope.ADMIN);
    }

    private HttpResponse<byte[]> get(String target) {
        return server.get(everything(), target);
    }

    /** Where the operation finds something. */
    String real(String operation) {
        String path = path(operation);
        if (path.startsWith("/dl/")) {
            return link;
        }
        if (path.startsWith("/assets/")) {
            return asset;
        }
        String target = path.replace("{job_id}", JOB)
                .replace("{id}", path.startsWith("/api/notifications") ? notification : model)
                .replace("{path}", path.startsWith("/api/models") ? "w.bin" : "model/w.bin")
                .replace("{name}", "x.zip")
                .replace("{model}", "best_model")
                .replace("{model_id}", "good")
                .replace("{grantee}", "rob");
        return path.equals("/api/models/compare") ? target + "?ids=" + model + "," + other : target;
    }

    /** Where it finds nothing. */
    String missing(String operation) {
        String path = path(operation);
        String target = path.replace("{job_id}", "none")
                .replace("{id}", NOBODYS)
                .replaceAll("\\{(path|name|model|model_id|grantee|token|filename|release)}", "none");
        return path.equals("/api/models/compare")
                ? target + "?ids=" + NOBODYS + "," + NOBODYS.replace('8', '9')
                : target;
    }

    private static String path(String operation) {
        return operation.split(" ", 2)[1];
    }

    /** Valid; of a task that there is not. */
    String body(String operation) {
        return switch (operation) {
            case "POST /api/training/jobs" -> "{\"name\":\"new\"}";
            case "PATCH /api/training/jobs/{job_id}" -> "{\"total_cost\":2}";
            case "POST /api/training/jobs/{job_id}/metrics" -> "[{\"step\":3,\"train_loss\":0.9}]";
            case "POST /api/models", "POST /models/save" -> "{\"task_id\":\"none\",\"model_name\":\"x\"}";
            case "POST /api/models/bulk" ->
                new JsonObject()
                        .put("action", "download")
                        .put("ids", new JsonArray().add(model).add(NOBODYS))
                        .encode();
            case "PATCH /api/models/{id}" -> "{\"tags\":[\"x\"]}";
            default -> "{}";
        };
    }

    /** Until the fetch has ended. */
    void awaitCatalog(String id, String status) {
        Models.eventually(() -> {
            JsonObject progress = Responses.json(get("/api/catalog/" + id + "/progress"));
            assertThat(progress.getString("status")).isEqualTo(status);
        });
    }

    HttpResponse<byte[]> send(String method, String target, String token, String body, String... headers) {
        HttpRequest.Builder request = server.request(token, target)
                .method(
                        method,
                        method.equals("GET") || method.equals("HEAD")
                                ? BodyPublishers.noBody()
                                : BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return server.send(request);
    }

    @Override
    public void close() {
        release.countDown();
        server.close();
        upstream.close();
    }
}
