package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static dev.sluice.server.Responses.field;
import static dev.sluice.server.Responses.unzipped;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AutoMlDownloadTest {
    private static final byte[] PICKLE = {(byte) 0x80, 4, 'N', '.'};
    private static final byte[] TABLE = "model,accuracy\nbest,0.9\n".getBytes(StandardCharsets.UTF_8);

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
        server.completed(
                "alice",
                "task-1",
                Map.of(
                        "models/best_model.pkl", PICKLE,
                        "models/leaderboard.csv", TABLE,
                        "models/notes.txt", TABLE,
                        "models/other.csv", TABLE,
                        "models/nested/deep.pkl", PICKLE,
                        "secret.pkl", TABLE));
        server.write("task-1", "models/random forest.pkl", PICKLE);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
        "/ml/download-model/task-1/best_model, best_model_task-1.pkl, application/octet-stream",
        "/ml/download-model/task-1/random%20forest, random forest_task-1.pkl, application/octet-stream",
        "/ml/download-leaderboard/task-1, leaderboard_task-1.csv, text/csv; charset=utf-8",
        "/ml/download-all-models/task-1, all_models_task-1.zip, application/zip",
        "/ml/download-all-models/task-1/a.tar, all_models_task-1.tar, application/x-tar"
    })
    void eachComesUnderItsName(String path, String filename, String mediaType) {
        HttpResponse<byte[]> response = get(path);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(field(response, "Content-Disposition")).startsWith("attachment; filename=\"" + filename + "\"; ");
        assertThat(field(response, "Content-Type")).isEqualTo(mediaType);
    }

    @Test
    void modelsAndLeaderboardComeByteByByte() {
        assertThat(get("/ml/download-model/task-1/best_model").body()).isEqualTo(PICKLE);
        assertThat(get("/ml/download-leaderboard/task-1").body()).isEqualTo(TABLE);
    }

    @Test
    void theZipHoldsEveryModelAndTheLeaderboardAndNothingElse() {
        Map<String, byte[]> zip = unzipped(get("/ml/download-all-models/task-1").body());
        assertThat(zip).containsOnlyKeys("best_model.pkl", "leaderboard.csv", "random forest.pkl");
        assertThat(zip.get("best_model.pkl")).isEqualTo(PICKLE);
        assertThat(unzipped(get("/ml/download-all-models/task-1?exclude=*.csv").body()))
                .containsOnlyKeys("best_model.pkl", "random forest.pkl");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "none",
                "best_model.pkl",
                "..%2fsecret",
                "%2e%2e%2fsecret",
                "%252e%252e%252fsecret",
                "..%5csecret",
                "nested%2fdeep",
                ".%2fbest_model",
                "%2fetc%2fpasswd",
                "best_model.pkl%00",
                "notes.txt%00",
                "BEST_MODEL"
            })
    void aModelThatIsNotAmongThemIsNotFound(String model) {
        assertProblem(get("/ml/download-model/task-1/" + model), 404, "Model not found");
    }

    @ParameterizedTest
    @ValueSource(strings = {"download-model/%s/best_model", "download-leaderboard/%s", "download-all-models/%s"})
    void onlyACompletedTaskWithModelsHasThem(String path) {
        String task = "t-" + path.substring(9, 12);
        String url = "/ml/" + path.replace("%s", task);
        assertProblem(get(url), 404, "Task not found");
        server.register("alice", task);
        server.write(task, "models/best_model.pkl", PICKLE);
        assertProblem(get(url), 400, "Training not completed");
        step(task, "running");
        assertProblem(get(url), 400, "Training not completed");
        step(task, "failed");
        assertProblem(get(url), 400, "Training not completed");

        server.completed("alice", task + "-bare", Map.of("training.log", TABLE));
        assertProblem(get("/ml/" + path.replace("%s", task + "-bare")), 404, "Models directory not found");
    }

    private static void step(String task, String status) {
        assertThat(server.patch(server.trainer(), "/api/training/jobs/" + task, "{\"status\":\"" + status + "\"}")
                        .statusCode())
                .isEqualTo(200);
    }

    private static HttpResponse<byte[]> get(String path) {
        return server.get(server.token("alice"), path);
    }
}
