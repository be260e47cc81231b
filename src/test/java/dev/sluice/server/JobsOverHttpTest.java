package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static dev.sluice.server.Responses.field;
import static dev.sluice.server.Responses.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JobsOverHttpTest {
    private static final String JOBS = "/api/training/jobs";

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aRunIsFollowedFromItsRegistrationToItsEnd() {
        String alice = server.token("walker");
        server.register("walker", "walk");
        JsonObject pending = json(server.get(alice, JOBS + "/walk"));
        assertThat(pending.fieldNames())
                .contains(
                        "job_id",
                        "owner",
                        "name",
                        "status",
                        "dataset",
                        "config",
                        "total_cost",
                        "error",
                        "created_at",
                        "started_at",
                        "completed_at");
        assertThat(pending.getString("status")).isEqualTo("pending");

        JsonObject running = json(patch("walk", "{\"status\":\"running\"}"));
        assertThat(running.getInstant("started_at")).isNotNull();
        String points = "[{\"step\":1,\"train_loss\":2.5},{\"step\":2,\"train_loss\":1.5,\"gpu\":\"a\"}]";
        assertThat(json(server.post(server.trainer(), JOBS + "/walk/metrics", points)))
                .isEqualTo(new JsonObject().put("accepted", 2));
        put("walk", "model/step-2/weights.bin", "weights");
        put("walk", "model/config.json", "{}");
        put("walk", "training.log", "a line\n");
        put("walk", "models/leaderboard.csv", "model,accuracy\nslow,0.7\nquick,0.9\n");
        JsonObject completed = json(patch("walk", "{\"status\":\"completed\",\"total_cost\":1.25}"));
        assertThat(completed.getInstant("completed_at")).isNotNull();
        assertThat(completed.getDouble("total_cost")).isEqualTo(1.25);

        assertThat(names(json(server.get(alice, JOBS + "?status=completed")), "jobs", "job_id"))
                .containsExactly("walk");
        assertThat(json(server.get(alice, JOBS + "?status=failed")).getJsonArray("jobs"))
                .isEmpty();
        assertThat(names(json(server.get(alice, "/api/training/walk/checkpoints")), "checkpoints", "name"))
                .containsExactly("step-2");
        assertThat(names(json(server.get(alice, "/api/training/walk/files")), "files", "path"))
                .containsExactlyInAnyOrder(
                        "model/config.json", "model/step-2/weights.bin", "models/leaderboard.csv", "training.log");
        assertThat(names(json(server.get(alice, "/api/training/walk/leaderboard")), "leaderboard", "model"))
                .containsExactly("quick", "slow");
        assertThat(json(server.get(alice, "/api/training/walk/metrics"))
                        .getJsonArray("metrics")
                        .getJsonObject(1)
                        .getString("gpu"))
                .isEqualTo("a");
    }

    @Test
    void everyUrlOfTheListsLeadsToWhatItNames() {
        server.register("alice", "urls");
        put("urls", "model/step 1/50%.bin", "half");
        put("urls", "model/step 1/a+b&c=d?#.txt", "odd");
        JsonArray files = json(server.get(server.token("alice"), "/api/training/urls/files"))
                .getJsonArray("files");
        assertThat(files).hasSize(2);
        for (int i = 0; i < files.size(); i++) {
            JsonObject file = files.getJsonObject(i);
            HttpResponse<byte[]> content = server.get(server.token("alice"), file.getString("url"));
            assertThat(content.statusCode()).isEqualTo(200);
            assertThat(content.body()).hasSize(file.getInteger("size"));
        }
        String checkpoint = json(server.get(server.token("alice"), "/api/training/urls/checkpoints"))
                .getJsonArray("checkpoints")
                .getJsonObject(0)
                .getString("url");
        assertThat(Responses.unzipped(
                        server.get(server.token("alice"), checkpoint).body()))
                .containsOnlyKeys("50%.bin", "a+b&c=d?#.txt");
    }

    static Stream<Arguments> faultyRegistrations() {
        return Stream.of(
                Arguments.of("{\"name\":", ""),
                Arguments.of("{\"name\":\"x\"} trailing", ""),
                Arguments.of("[]", ""),
                Arguments.of("\"name\"", ""),
                Arguments.of("[".repeat(100_000), "/0"),
                Arguments.of("{\"name\":5}", "/name"),
                Arguments.of("{\"name\":\"\"}", "/name"),
                Arguments.of("{\"name\":\"" + "n".repeat(256) + "\"}", "/name"),
                Arguments.of("{\"name\":\"a\\u0000b\"}", "/name"),
                Arguments.of("{\"name\":\"a\\ud800b\"}", "/name"),
                Arguments.of("{\"name\":\"x\",\"job_id\":7}", "/job_id"),
                Arguments.of("{\"name\":\"x\",\"job_id\":\"jobs\"}", "/job_id"),
                Arguments.of("{\"name\":\"x\",\"job_id\":\"../up\"}", "/job_id"),
                Arguments.of("{\"name\":\"x\",\"job_id\":\"" + "j".repeat(129) + "\"}", "/job_id"),
                Arguments.of("{\"name\":\"x\",\"owner\":\"" + "o".repeat(256) + "\"}", "/owner"),
                Arguments.of("{\"name\":\"x\",\"owner\":[\"a\"]}", "/owner"),
                Arguments.of("{\"name\":\"x\",\"dataset\":\"d\"}", "/dataset"),
                Arguments.of("{\"name\":\"x\",\"config\":[]}", "/config"),
                Arguments.of("{\"name\":\"x\",\"config\":{\"a\":\"\\u0000\"}}", "/config"),
                Arguments.of("{\"name\":\"x\",\"config\":{\"a\":\"" + "c".repeat(65_536) + "\"}}", "/config"),
                Arguments.of("{\"name\":\"x\",\"total_cost\":\"1\"}", "/total_cost"),
                Arguments.of("{\"name\":\"x\",\"total_cost\":1e400}", "/total_cost"),
                Arguments.of("{\"name\":\"x\",\"total_cost\":NaN}", "/total_cost"),
                Arguments.of(
                        "{\"name\":\"x\",\"artifact_urls\":[{\"path\":\"../a\",\"url\":\"https://h/a\"}]}",
                        "/artifact_urls/0/path"),
                Arguments.of(
                        "{\"name\":\"x\",\"artifact_urls\":[{\"path\":\"a\",\"url\":\"file:///etc/passwd\"}]}",
                        "/artifact_urls/0/url"));
    }

    @ParameterizedTest
    @MethodSource("faultyRegistrations")
    void aFaultyRegistrationIsToldItsFaultAndLeavesNothing(String body, String pointer) {
        int before = total("trainer");
        JsonObject problem = assertProblem(server.post(server.trainer(), JOBS, body), 400);
        assertThat(problem.getString("detail")).doesNotContain("Exception", "jackson", "\u0000");
        assertThat(problem.getJsonArray("errors").stream()
                        .map(error -> ((JsonObject) error).getString("pointer"))
                        .toList())
                .anyMatch(found -> found.equals(pointer) || (!pointer.isEmpty() && found.startsWith(pointer + "/")));
        assertThat(total("trainer")).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[{}]",
                "[1]",
                "[{\"step\":-1,\"train_loss\":1}]",
                "[{\"step\":1.5,\"train_loss\":1}]",
                "[{\"step\":1,\"train_loss\":\"1\"}]",
                "[{\"step\":1,\"train_loss\":1e999}]",
                "[{\"step\":1,\"train_loss\":NaN}]",
                "[{\"step\":9223372036854775808,\"train_loss\":1}]",
                "[{\"step\":1,\"train_loss\":1,\"note\":\"\\u0000\"}]",
                "[{\"step\":1,\"train_loss\":1},{\"step\":2}]"
            })
    void oneFaultyPointRefusesTheWholeCall(String body) {
        server.post(server.trainer(), JOBS, "{\"job_id\":\"points\",\"name\":\"x\"}");
        assertProblem(server.post(server.trainer(), JOBS + "/points/metrics", body), 400);
        assertThat(json(server.get(server.trainer(), "/api/training/points/metrics"))
                        .getJsonArray("metrics"))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "'', completed",
        "'', failed",
        "'', cancelled",
        "'', pending",
        "running, pending",
        "running, running",
        "running completed, running",
        "running completed, failed",
        "running completed, completed",
        "running failed, completed",
        "running cancelled, running"
    })
    void anImpossibleStepIsAConflictAndChangesNothing(String steps, String impossible) {
        String job = "steps-" + (steps + "-" + impossible).replace(' ', '-');
        server.register("alice", job);
        for (String step : steps.split(" ", -1)) {
            if (!step.isEmpty()) {
                assertThat(patch(job, "{\"status\":\"" + step + "\"}").statusCode())
                        .isEqualTo(200);
            }
        }
        JsonObject before = json(server.get(server.token("alice"), JOBS + "/" + job));
        assertProblem(patch(job, "{\"status\":\"" + impossible + "\",\"error\":\"wrong\",\"total_cost\":9}"), 409);
        JsonObject after = json(server.get(server.token("alice"), JOBS + "/" + job));
        assertThat(after.getString("error")).isNotEqualTo("wrong");
        // The publisher may have found meanwhile that a completed job has no files.
        before.remove("error");
        after.remove("error");
        assertThat(after).isEqualTo(before);
    }

    @Test
    void theSecondRegistrationOfAnIdIsAConflictAndLeavesTheFirst() {
        server.register("alice", "twice");
        String second = "{\"job_id\":\"twice\",\"owner\":\"bob\",\"name\":\"mine\"}";
        assertProblem(server.post(server.trainer(), JOBS, second), 409, "Job already exists");
        assertThat(json(server.get(server.token("alice"), JOBS + "/twice")).getString("name"))
                .isEqualTo("twice");
        assertProblem(server.get(server.token("bob"), JOBS + "/twice"), 404, "Job not found");
    }

    @Test
    void aBodyBeyondItsLimitIsTooLargeAndWorthNoMore() {
        String body = "{\"name\":\"" + "n".repeat(17 << 20) + "\"}";
        try (RawConnection connection = RawConnection.to(server)) {
            connection.head(
                    "POST",
                    server.trainer(),
                    JOBS,
                    "Content-Type: application/json",
                    "Content-Length: " + body.length());
            RawConnection.Response refused = connection.receive("POST");
            assertThat(refused.status()).isEqualTo(413);
        } catch (java.io.IOException failed) {
            throw new AssertionError(failed);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "DELETE, /api/training/jobs, 'POST, GET, HEAD'",
        "PUT, /api/training/jobs/x, 'GET, HEAD, PATCH'",
        "POST, /api/training/x/files, 'GET, HEAD'",
        "DELETE, /api/training/x/files/a, 'GET, HEAD, PUT'",
        "POST, /api/training/x/download/model, 'GET, HEAD'",
        "POST, /ml/download-leaderboard/x, 'GET, HEAD'"
    })
    void aMethodThatIsNotTakenNamesThoseThatAre(String method, String path, String allowed) {
        HttpResponse<byte[]> refused = server.send(server.request(server.trainer(), path)
                .method(method, java.net.http.HttpRequest.BodyPublishers.noBody()));
        assertProblem(refused, 405);
        assertThat(field(refused, "Allow")).isEqualTo(allowed);
    }

    private static HttpResponse<byte[]> patch(String job, String body) {
        return server.patch(server.trainer(), JOBS + "/" + job, body);
    }

    private static void put(String job, String path, String content) {
        String target = "/api/training/" + job + "/files/"
                + java.net.URLEncoder.encode(path, StandardCharsets.UTF_8)
                        .replace("+", "%20")
                        .replace("%2F", "/");
        assertThat(server.put(server.trainer(), target, content.getBytes(StandardCharsets.UTF_8))
                        .statusCode())
                .isEqualTo(201);
    }

    private static int total(String owner) {
        return json(server.get(server.token(owner), JOBS))
                .getJsonObject("pagination")
                .getInteger("total");
    }

    private static List<String> names(JsonObject json, String list, String member) {
        return json.getJsonArray(list).stream()
                .map(element -> ((JsonObject) element).getString(member))
                .toList();
    }
}
