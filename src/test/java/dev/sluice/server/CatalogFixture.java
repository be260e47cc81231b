package dev.sluice.server;

import dev.sluice.access.Scope;
import dev.sluice.database.Actor;
import dev.sluice.database.TestDatabase;
import dev.sluice.ingest.ScriptedUpstream;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** A server with a catalog, and an upstream of our own. Each test has a model of its own. */
abstract class CatalogFixture {
    static final byte[] CONTENT = new byte[200_000];
    static final byte[] OTHER = Models.noise(5_000);
    static final String TAG = "\"v1\"";

    @TempDir
    static Path directory;

    static ScriptedUpstream upstream;
    static TestServer server;
    static String admin;
    static String user;
    static CountDownLatch release;

    @BeforeAll
    static void start() throws Exception {
        new Random(1).nextBytes(CONTENT);
        release = new CountDownLatch(1);
        String sha256 = sha256(CONTENT);
        upstream = new ScriptedUpstream((request, reply) -> {
            switch (request.path()) {
                case "/gone", "/mirrored" -> reply.status(404);
                case "/wrong" -> reply.good(request, Arrays.copyOf(CONTENT, 1000), TAG);
                case "/slow" -> {
                    reply.head(200, "ETag", TAG, "Content-Length", "200000").body(CONTENT, 0, 50_000);
                    release.await();
                }
                case "/spoilt" -> reply.good(request, OTHER, TAG);
                default -> reply.good(request, CONTENT, TAG);
            }
        });
        StringBuilder catalog = new StringBuilder("models:\n");
        for (String id : List.of(
                "good",
                "gone",
                "wrong",
                "slow",
                "unverified",
                "deleted",
                "twin",
                "other",
                "huge",
                "outside",
                "rounded",
                "limited",
                "spoilt",
                "watched",
                "mirrored",
                "listed")) {
            String url = id.equals("outside") ? "http://models.example/x" : upstream.url("/" + id);
            catalog.append("  - {id: ").append(id).append(", name: Model ").append(id);
            catalog.append(", file_name: ")
                    .append(id)
                    .append(".gguf, url: \"")
                    .append(url)
                    .append('"');
            catalog.append(
                    id.equals("huge") ? ", size: 4000000TB" : id.equals("rounded") ? ", size: 190kB" : ", size: 200kB");
            catalog.append(id.equals("mirrored") ? ", mirrors: [\"" + upstream.url("/mirror") + "\"]" : "");
            String promised = id.equals("spoilt") ? sha256(OTHER) : sha256;
            catalog.append(id.equals("unverified") ? "}\n" : ", sha256: " + promised + "}\n");
        }
        Path file = Files.writeString(directory.resolve("catalog.yaml"), catalog);
        server = TestServer.builder()
                .with("catalog.file", file.toString())
                .with("ingest.allowed-hosts", "127.0.0.1:" + upstream.port())
                .start();
        admin = server.token("root", Scope.ADMIN);
        user = server.token("alice");
    }

    @AfterAll
    static void stop() {
        release.countDown();
        server.close();
        upstream.close();
    }

    static String sha256(byte[] content) throws NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    }

    static JsonObject json(HttpResponse<byte[]> response) {
        return new JsonObject(new String(response.body(), StandardCharsets.UTF_8));
    }

    static JsonObject progress(String id) {
        return json(server.get(user, "/api/catalog/" + id + "/progress"));
    }

    static JsonObject listed(String id) {
        JsonArray models = json(server.get(user, "/api/catalog")).getJsonArray("models");
        return models.stream()
                .map(JsonObject.class::cast)
                .filter(model -> model.getString("id").equals(id))
                .findFirst()
                .orElseThrow();
    }

    static String state(String id) {
        return listed(id).getString("state");
    }

    static HttpResponse<byte[]> download(String id) {
        return server.post(admin, "/api/catalog/" + id + "/download", "{}");
    }

    static JsonObject ended(String id) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (System.nanoTime() < deadline) {
            JsonObject progress = progress(id);
            if (!Set.of("queued", "downloading", "verifying").contains(progress.getString("status"))) {
                return progress;
            }
        }
        throw new AssertionError("the download does not end");
    }

    static HttpResponse<byte[]> delete(String token, String path) {
        return server.send(server.request(token, path).DELETE());
    }

    static Set<String> audited(String id) {
        return json(server.get(admin, "/api/audit?limit=100")).getJsonArray("entries").stream()
                .map(JsonObject.class::cast)
                .filter(entry -> entry.getString("resource_id").equals(id))
                .filter(entry -> entry.getString("actor").equals("root"))
                .map(entry -> entry.getString("event_type"))
                .collect(Collectors.toSet());
    }

    static void sql(String sql) {
        TestDatabase.await(server.database()
                .database()
                .as(new Actor.Background(), connection -> connection.query(sql).execute()));
    }
}
