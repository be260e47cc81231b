package dev.sluice.server;

import static dev.sluice.server.Responses.json;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/** Makes published models on a test server and reads them. Blocking. */
final class Models {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final TestServer server;

    Models(TestServer server) {
        this.server = server;
    }

    void run(String job) {
        expect(200, server.patch(server.trainer(), "/api/training/jobs/" + job, "{\"status\":\"running\"}"));
    }

    void complete(String job) {
        expect(200, server.patch(server.trainer(), "/api/training/jobs/" + job, "{\"status\":\"completed\"}"));
    }

    void metrics(String job, String points) {
        expect(200, server.post(server.trainer(), "/api/training/jobs/" + job + "/metrics", points));
    }

    void upload(String job, Map<String, byte[]> files) {
        files.forEach((path, content) ->
                expect(201, server.put(server.trainer(), "/api/training/" + job + "/files/" + path, content)));
    }

    /** A completed job's model, once it is published. */
    JsonObject ofFiles(String owner, String job, Map<String, byte[]> files) {
        server.completed(owner, job, files);
        return published(owner, job);
    }

    JsonObject published(String owner, String job) {
        JsonObject[] found = new JsonObject[1];
        eventually(() -> found[0] = find(owner, job)
                .orElseThrow(() -> new AssertionError("job " + job + " is not published: "
                        + json(server.get(server.token(owner), "/api/training/jobs/" + job)))));
        return found[0];
    }

    private Optional<JsonObject> find(String owner, String job) {
        return list(owner, "?limit=100").getJsonArray("models").stream()
                .map(JsonObject.class::cast)
                .filter(model -> model.getString("job_id").equals(job))
                .findFirst();
    }

    JsonObject list(String owner, String query) {
        HttpResponse<byte[]> response = server.get(server.token(owner), "/api/models" + query);
        expect(200, response);
        return json(response).getJsonObject("data");
    }

    JsonObject detail(String owner, String id) {
        HttpResponse<byte[]> response = server.get(server.token(owner), "/api/models/" + id);
        expect(200, response);
        return json(response).getJsonObject("data");
    }

    /** Tries again until nothing is asserted to be wrong any more, and nothing is missing that is looked into. */
    static void eventually(Runnable assertions) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                assertions.run();
                return;
            } catch (AssertionError | IndexOutOfBoundsException notYet) {
                if (System.nanoTime() > deadline) {
                    throw notYet;
                }
                LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
            }
        }
    }

    static byte[] noise(int length) {
        byte[] noise = new byte[length];
        new Random(length).nextBytes(noise);
        return noise;
    }

    static void expect(int status, HttpResponse<byte[]> response) {
        if (response.statusCode() != status) {
            throw new AssertionError(response.statusCode() + " instead of " + status + ": "
                    + new String(response.body(), StandardCharsets.UTF_8));
        }
    }
}
