package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.DocumentedApi.Answer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Asks for every answer that the document promises and holds it against the document: status, header fields, media type, body, and
 * no member that is not in it. Faults are collected, so that one run shows all.
 */
class ApiAnswersTest {
    /** Of a bucket ({@link S3StorageTest}), a crowd, a drain and a full disk: one of each kind is looked at, not one of each route. */
    private static final Set<String> SEEN_ELSEWHERE = Set.of("307", "429", "503", "507");

    private static final String JSON = "application/json";
    private static final String TOO_LONG = "Content-Length: 100000000000000";

    @TempDir
    private Path directory;

    private ApiWorld world;
    private DocumentedApi api;

    @BeforeEach
    void start() throws IOException {
        world = new ApiWorld(directory);
        api = DocumentedApi.of(world.server());
    }

    @AfterEach
    void stop() {
        world.close();
    }

    @Test
    void everyAnswerThatTheDocumentPromisesIsAsTheDocumentSays() throws IOException {
        catalog();
        jobs();
        models();
        downloads();
        pages();
        refusals();
        reads();
        otherMethods();
        ask("DELETE /api/catalog/{model_id}", 204, "");
        assertThat(api.faults()).isEmpty();
        Set<String> missing = new TreeSet<>(api.promised());
        missing.removeAll(api.given());
        missing.removeIf(answer -> SEEN_ELSEWHERE.contains(answer.substring(answer.lastIndexOf(' ') + 1)));
        assertThat(missing).as("promised, and never given").isEmpty();
    }

    private Answer ask(String operation, int status, String body, String... headers) {
        return askAt(world.real(operation), operation, status, body, headers);
    }

    private Answer askAt(String target, String operation, int status, String body, String... headers) {
        return api.check(
                operation, status, Answer.of(world.send(method(operation), target, world.everything(), body, headers)));
    }

    private static String method(String operation) {
        return operation.split(" ", 2)[0];
    }

    private void catalog() {
        String fetch = "POST /api/catalog/{model_id}/download";
        String cancel = "DELETE /api/catalog/{model_id}/download";
        ask("GET /api/catalog", 200, "");
        ask(fetch, 202, "{\"connections\":2}");
        world.awaitCatalog("good", "completed");
        ask(fetch, 200, "");
        askAt("/api/catalog/huge/download", fetch, 507, "");
        askAt("/api/catalog/gone/download", fetch, 202, "");
        world.awaitCatalog("gone", "failed");
        askAt("/api/catalog/slow/download", fetch, 202, "");
        askAt("/api/catalog/slow/download", cancel, 200, "");
        askAt("/api/catalog/slow/download", cancel, 409, "");
        ask("GET /api/catalog/{model_id}/progress", 200, "", "Accept", "text/event-stream");
        ask("POST /api/catalog/{model_id}/verify", 200, "");
    }

    private void jobs() {
        String register = "POST /api/training/jobs";
        String report = "PATCH /api/training/jobs/{job_id}";
        String upload = "PUT /api/training/{job_id}/files/{path}";
        String named = "{\"job_id\":\"new\",\"name\":\"n\"}";
        ask(register, 201, named, "Content-Type", JSON);
        ask(register, 409, named, "Content-Type", JSON);
        askAt("/api/training/jobs/new", report, 200, "{\"status\":\"running\"}", "Content-Type", JSON);
        askAt("/api/training/jobs/new", report, 409, "{\"status\":\"pending\"}", "Content-Type", JSON);
        ask("POST /api/training/jobs/{job_id}/metrics", 200, "[{\"step\":3,\"train_loss\":1}]", "Content-Type", JSON);
        askAt("/api/training/new/files/a", upload, 201, "one");
        askAt("/api/training/new/files/a", upload, 204, "two");
        askAt("/api/training/new/files/a/b", upload, 409, "three");
        askAt("/api/training/new/files/a", upload, 412, "four", "If-None-Match", "*");
        askAt(
                "/api/training/" + ApiWorld.UNREADABLE + "/leaderboard",
                "GET /api/training/{job_id}/leaderboard",
                409,
                "");
    }

    private void models() {
        String save = "{\"task_id\":\"job1\",\"model_name\":\"kept\",\"tags\":\"a,b\",\"model\":\"best_model\"}";
        ask("POST /api/models", 201, save, "Content-Type", JSON);
        Answer saved = ask("POST /models/save", 201, save, "Content-Type", JSON);
        String id = new JsonObject(saved.body()).getJsonObject("data").getString("id");
        ask("POST /api/models/{id}/rollback", 201, "");
        ask("PATCH /api/models/{id}", 200, "{\"description\":\"d\",\"tags\":[]}", "Content-Type", JSON);
        askAt("/api/models/" + id, "DELETE /api/models/{id}", 200, "");
        askAt("/api/models/" + id + "/restore", "POST /api/models/{id}/restore", 200, "");
        String delete = "{\"action\":\"delete\",\"ids\":[\"" + id + "\"]}";
        ask("POST /api/models/bulk", 200, delete, "Content-Type", JSON);
        ask("POST /api/models/bulk", 200, world.body("POST /api/models/bulk"), "Content-Type", JSON);
        askAt("/api/models?deleted=true", "GET /api/models", 200, "");
        ask("PUT /api/models/{id}/shares/{grantee}", 201, "");
        ask("PUT /api/models/{id}/shares/{grantee}", 200, "");
        ask("GET /api/models/{id}/shares", 200, "");
        for (String path : List.of("", "/versions", "/shares")) {
            String operation = "GET /api/models/{id}" + path;
            api.check(
                    operation,
                    path.equals("/shares") ? 404 : 200,
                    Answer.of(world.send(
                            "GET", world.real(operation), world.server().token("rob"), "")));
        }
        ask("DELETE /api/models/{id}/shares/{grantee}", 200, "");
        ask("POST /api/models/{id}/download", 200, "");
        ask("POST /api/notifications/{id}/read", 200, "");
        askAt("/api/models/" + world.other(), "GET /api/models/{id}", 200, "");
        String stats = "GET /api/models/stats";
        api.check(stats, 200, Answer.of(world.server().get(world.server().token("rob"), "/api/models/stats")));
    }

    /** Everything that is delivered, alike. */
    private void downloads() throws IOException {
        for (String operation : api.answering(304)) {
            if (!api.promised().contains(operation + " 412")) {
                // The document itself.
                Answer whole = ask(operation, 200, "");
                ask(
                        operation,
                        304,
                        "",
                        "If-None-Match",
                        whole.field().apply("ETag").orElseThrow());
                continue;
            }
            Answer whole = ask(operation, 200, "");
            String tag = whole.field().apply("ETag").orElse("none");
            ask(operation, 304, "", "If-None-Match", tag);
            ask(operation, 412, "", "If-Match", "\"other\"");
            if (method(operation).equals("GET")) {
                ask(operation, 206, "", "Range", "bytes=1-2");
                ask(operation, 416, "", "Range", "bytes=9999999999-");
            } else {
                ask(operation, 200, "", "Range", "bytes=1-2");
            }
            try (RawConnection raw = RawConnection.to(world.server())) {
                String malformed = world.real(operation) + "?v=%zz";
                api.check(operation, 400, Answer.of(raw.exchange(method(operation), world.everything(), malformed)));
            }
        }
        for (String operation : api.answering(422)) {
            String target = world.real(operation).replace("/" + ApiWorld.JOB, "/" + ApiWorld.DEEP);
            askAt(target, operation, 422, "");
        }
    }

    private void pages() {
        String begin = "POST /session";
        String end = "DELETE /session";
        HttpRequest.Builder form = HttpRequest.newBuilder(world.server().uri("/session"))
                .header("Content-Type", "application/x-www-form-urlencoded");
        String token = world.server().token(ApiWorld.OWNER);
        HttpRequest.Builder good = form.copy().POST(BodyPublishers.ofString("token=" + token));
        api.check(begin, 303, Answer.of(world.server().send(good.copy())));
        api.check(begin, 403, Answer.of(world.server().send(good.copy().header("Origin", "https://evil.example"))));
        HttpRequest.Builder bad = form.copy().POST(BodyPublishers.ofString("token=x"));
        api.check(begin, 401, Answer.of(world.server().send(bad)));
        HttpRequest.Builder out = HttpRequest.newBuilder(world.server().uri("/session"))
                .header("Cookie", "sluice_session=" + token)
                .DELETE();
        api.check(end, 403, Answer.of(world.server().send(out)));
        HttpRequest.Builder nobody =
                HttpRequest.newBuilder(world.server().uri("/session")).DELETE();
        api.check(end, 204, Answer.of(world.server().send(nobody)));
        ask("GET /", 303, "");
    }

    private void refusals() throws IOException {
        for (String operation : except("POST /session", api.answering(401))) {
            HttpRequest.Builder request = HttpRequest.newBuilder(world.server().uri(world.real(operation)))
                    .method(method(operation), BodyPublishers.noBody());
            api.check(operation, 401, Answer.of(world.server().send(request)));
        }
        for (String operation : api.answering(403)) {
            if (!operation.endsWith("/session")) {
                String user = world.server().token(ApiWorld.OWNER);
                api.check(
                        operation,
                        403,
                        Answer.of(world.send(
                                method(operation),
                                world.real(operation),
                                user,
                                world.body(operation),
                                "Content-Type",
                                JSON)));
            }
        }
        for (String operation : api.answering(404)) {
            askAt(world.missing(operation), operation, 404, world.body(operation), "Content-Type", JSON);
        }
        for (String operation : api.answering(415)) {
            String[] wrong = method(operation).equals("PUT")
                    ? new String[] {"Content-Encoding", "gzip"}
                    : new String[] {"Content-Type", "text/plain"};
            ask(operation, 415, world.body(operation), wrong);
        }
        for (String operation : api.answering(413)) {
            // The head alone is refused.
            try (RawConnection raw = RawConnection.to(world.server())) {
                String type = operation.endsWith("/session") ? "application/x-www-form-urlencoded" : JSON;
                api.check(
                        operation,
                        413,
                        Answer.of(raw.exchange(
                                method(operation),
                                world.everything(),
                                world.real(operation),
                                "Content-Type: " + type,
                                TOO_LONG)));
            }
        }
        malformed();
    }

    /** Each with something that cannot be meant. */
    private void malformed() {
        Map<String, String> queries = Map.of(
                "GET /api/training/jobs", "limit=0",
                "GET /api/training/{job_id}/metrics", "limit=0",
                "GET /api/training/{job_id}/tail", "after=-1",
                "GET /api/downloads", "page=0",
                "GET /api/downloads/stats", "interval=year",
                "GET /api/audit", "page=0",
                "GET /api/models", "limit=101",
                "GET /api/models/compare", "",
                "GET /api/notifications", "page=0");
        Set<String> seen = new TreeSet<>(api.given());
        for (String operation : api.answering(400)) {
            if (seen.contains(operation + " 400")) {
                continue;
            }
            String target = world.real(operation);
            if (queries.containsKey(operation)) {
                askAt(target.split("\\?", 2)[0] + "?" + queries.get(operation), operation, 400, "");
            } else if (operation.endsWith("/shares/{grantee}")) {
                askAt(target.replace("rob", "%01"), operation, 400, "");
            } else if (method(operation).equals("PUT")) {
                ask(operation, 400, "x", "Content-Digest", "sha-256=:" + "A".repeat(43) + "=:");
            } else {
                ask(operation, 400, "[", "Content-Type", JSON);
            }
        }
    }

    /** What only reads, after all that was done, so that nothing is empty; and that it tells the same to a HEAD. */
    private void reads() {
        List<String> described = new ArrayList<>(api.operations().keySet());
        for (String operation : described) {
            if (!method(operation).equals("GET") || !api.promised().contains(operation + " 200")) {
                continue;
            }
            Answer whole = ask(operation, 200, "");
            Answer head = Answer.of(world.send("HEAD", world.real(operation), world.everything(), ""));
            assertThat(head.status()).as("HEAD of " + operation).isEqualTo(200);
            assertThat(head.field().apply("Content-Type"))
                    .as("HEAD of " + operation)
                    .isEqualTo(whole.field().apply("Content-Type"));
        }
    }

    /** What has no route for the method of a request. */
    private void otherMethods() {
        for (String operation : api.operations().keySet()) {
            if (method(operation).equals("HEAD")) {
                continue;
            }
            Answer refused = api.check(
                    operation, 405, Answer.of(world.send("LOCK", world.real(operation), world.everything(), "")));
            assertThat(refused.field().apply("Allow")).as(operation).isPresent();
        }
    }

    private static List<String> except(String one, List<String> all) {
        return all.stream().filter(each -> !each.equals(one)).toList();
    }
}
