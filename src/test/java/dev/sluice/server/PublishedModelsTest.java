package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static dev.sluice.server.Responses.field;
import static dev.sluice.server.Responses.json;
import static dev.sluice.server.Responses.unzipped;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** From a completed job to a model, its versions and its end, over HTTP. */
class PublishedModelsTest {
    private static final byte[] TEXT = "a line of a log\n".repeat(5_000).getBytes(StandardCharsets.UTF_8);
    private static final byte[] WEIGHTS = Models.noise(70_000);

    private static TestServer server;
    private static Models models;

    @BeforeAll
    static void start() {
        server = TestServer.start();
        models = new Models(server);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aCompletedJobBecomesAModelWithItsFilesAndItsQuality() throws Exception {
        server.register("ann", "curve");
        models.run("curve");
        models.metrics(
                "curve",
                "[{\"step\":1,\"epoch\":1,\"train_loss\":2.0},"
                        + "{\"step\":50,\"epoch\":2,\"train_loss\":0.9,\"validation_loss\":1.0}]");
        models.upload("curve", Map.of("model/sub/w.bin", WEIGHTS, "model/log.txt", TEXT, "training.log", TEXT));
        models.complete("curve");
        JsonObject model = models.published("ann", "curve");

        assertThat(model.getString("name")).isEqualTo("curve");
        assertThat(model.getInteger("version")).isEqualTo(1);
        assertThat(model.getString("owner")).isEqualTo("ann");
        assertThat(model.getString("job_id")).isEqualTo("curve");
        assertThat(model.getInteger("quality_score")).isEqualTo(5);
        assertThat(model.getString("convergence")).isEqualTo("excellent");
        assertThat(model.getDouble("final_loss")).isEqualTo(0.9);
        assertThat(model.getDouble("perplexity")).isEqualTo(Math.exp(1));
        assertThat(model.getLong("size")).isEqualTo(WEIGHTS.length + TEXT.length);
        assertThat(model.getString("safety")).isEqualTo("safe");

        JsonObject detail = models.detail("ann", model.getString("id"));
        assertThat(detail.getJsonObject("training_summary").getInteger("steps")).isEqualTo(50);
        assertThat(detail.getJsonObject("training_summary").getDouble("loss_reduction"))
                .isEqualTo(55);
        assertThat(detail.getJsonObject("job").getString("job_id")).isEqualTo("curve");
        JsonArray files = detail.getJsonArray("files");
        assertThat(files).hasSize(2);
        for (int i = 0; i < files.size(); i++) {
            JsonObject file = files.getJsonObject(i);
            byte[] content = file.getString("path").equals("log.txt") ? TEXT : WEIGHTS;
            assertThat(file.getString("sha256")).isEqualTo(sha256(content));
            HttpResponse<byte[]> served = server.get(server.token("ann"), file.getString("url"));
            assertThat(served.statusCode()).isEqualTo(200);
            assertThat(served.body()).isEqualTo(content);
            assertThat(field(served, "Repr-Digest")).isEqualTo("sha-256=:" + base64(content) + ":");
        }
    }

    @Test
    void theArchiveIsDeflatedWhereThatHelpsAndKnowsItsDigest() throws Exception {
        JsonObject model = models.ofFiles("ann", "zipped", Map.of("model/w.bin", WEIGHTS, "model/log.txt", TEXT));
        String archive = "/api/models/" + model.getString("id") + "/archive";
        HttpResponse<byte[]> zip = server.get(server.token("ann"), archive);
        assertThat(zip.statusCode()).isEqualTo(200);
        assertThat(unzipped(zip.body())).containsOnlyKeys("w.bin", "log.txt").containsEntry("log.txt", TEXT);
        assertThat(zip.body().length).isLessThan(WEIGHTS.length + TEXT.length / 3);
        assertThat(field(zip, "Repr-Digest")).isEqualTo("sha-256=:" + base64(zip.body()) + ":");
        assertThat(field(zip, "Digest")).isEqualTo("sha-256=" + base64(zip.body()));
        assertThat(field(zip, "Content-Disposition")).contains("filename=\"zipped_v1.zip\"");
        HttpResponse<byte[]> part = server.get(server.token("ann"), archive, "Range", "bytes=100-70099");
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(java.util.Arrays.copyOfRange(zip.body(), 100, 70_100));
        HttpResponse<byte[]> filtered = server.get(server.token("ann"), archive + "?include=*.txt");
        assertThat(unzipped(filtered.body())).containsOnlyKeys("log.txt");
        assertThat(filtered.headers().map()).doesNotContainKey("repr-digest");
        HttpResponse<byte[]> tar = server.get(server.token("ann"), archive + "/zipped.tar");
        assertThat(Responses.untarred(tar.body())).containsEntry("w.bin", WEIGHTS);
        String sums = new String(
                server.get(server.token("ann"), "/api/models/" + model.getString("id") + "/SHA256SUMS")
                        .body(),
                StandardCharsets.UTF_8);
        assertThat(sums.lines()).containsExactlyInAnyOrder(sha256(WEIGHTS) + "  w.bin", sha256(TEXT) + "  log.txt");
    }

    @Test
    void whatAPublishedModelServesDoesNotFollowTheLiveFiles() {
        JsonObject model = models.ofFiles("ann", "frozen", Map.of("model/w.bin", WEIGHTS));
        server.put(server.trainer(), "/api/training/frozen/files/model/w.bin", TEXT);
        HttpResponse<byte[]> zip = server.get(server.token("ann"), "/api/models/" + model.getString("id") + "/archive");
        assertThat(unzipped(zip.body())).containsEntry("w.bin", WEIGHTS);
    }

    @Test
    void savingAgainUnderTheSameNameIsTheNextVersion() {
        server.completed(
                "eve",
                "automl",
                Map.of(
                        "models/best_model.pkl", new byte[] {(byte) 0x80, 2, '}', '.'},
                        "models/tree.pkl", new byte[] {(byte) 0x80, 2, ']', '.'},
                        "models/leaderboard.csv",
                                "model,algorithm,accuracy\ntree,DecisionTree,0.9\nforest,RandomForest,0.8\n"
                                        .getBytes(StandardCharsets.UTF_8)));
        String body = "{\"task_id\":\"automl\",\"model_name\":\"churn\",\"description\":\"d\",\"tags\":\"a, b,,a\"}";
        HttpResponse<byte[]> first = server.post(server.token("eve"), "/models/save", body);
        assertThat(first.statusCode())
                .as(() -> new String(first.body(), StandardCharsets.UTF_8))
                .isEqualTo(201);
        JsonObject saved = json(first).getJsonObject("data");
        assertThat(json(first).getBoolean("success")).isTrue();
        assertThat(field(first, "Location")).isEqualTo("/api/models/" + saved.getString("id"));
        assertThat(saved.getJsonArray("tags")).isEqualTo(JsonArray.of("a", "b"));
        assertThat(saved.getJsonArray("files").getJsonObject(0).getString("path"))
                .isEqualTo("best_model.pkl");
        assertThat(saved.getString("algorithm")).isEqualTo("DecisionTree");
        assertThat(saved.getString("task_type")).isEqualTo("classification");
        assertThat(saved.getJsonObject("metrics").getDouble("accuracy")).isEqualTo(0.9);
        assertThat(saved.getString("convergence")).isEqualTo("unrated");

        HttpResponse<byte[]> second = server.post(
                server.token("eve"),
                "/api/models",
                "{\"task_id\":\"automl\",\"model_name\":\"churn\",\"model\":\"tree\",\"tags\":[\"c\"]}");
        assertThat(json(second).getJsonObject("data").getInteger("version")).isEqualTo(2);
        assertThat(versions("eve", saved.getString("id"))).containsExactly(2, 1);

        HttpResponse<byte[]> back =
                server.post(server.token("eve"), "/api/models/" + saved.getString("id") + "/rollback", "");
        assertThat(back.statusCode()).isEqualTo(201);
        JsonObject third = json(back).getJsonObject("data");
        assertThat(third.getInteger("version")).isEqualTo(3);
        assertThat(third.getJsonArray("files").getJsonObject(0).getString("path"))
                .isEqualTo("best_model.pkl");
        assertThat(versions("eve", saved.getString("id"))).containsExactly(3, 2, 1);
    }

    @Test
    void whatCannotBeSavedIsSaidWhy() {
        server.completed("eve", "empty", Map.of("training.log", TEXT));
        server.register("eve", "waiting");
        String token = server.token("eve");
        assertProblem(save(token, "none", "x", ""), 404, "Task not found");
        assertProblem(save(server.token("ann"), "empty", "x", ""), 404, "Task not found");
        assertProblem(save(token, "waiting", "x", ""), 400, "Training not completed");
        assertProblem(save(token, "empty", "x", ""), 404, "Model not found");
        assertProblem(save(token, "empty", "x", ",\"model\":\"../x\""), 404, "Model not found");
        assertThat(assertProblem(save(token, "empty", "", ""), 400).getBoolean("success"))
                .isFalse();
        assertProblem(server.post(token, "/api/models", "{\"task_id\":7,\"tags\":[1]}"), 400);
    }

    @Test
    void aDeletedModelIsMissingUntilItIsRestored() {
        JsonObject model = models.ofFiles("del", "gone", Map.of("model/w.bin", WEIGHTS));
        String path = "/api/models/" + model.getString("id");
        String token = server.token("del");
        assertThat(server.send(server.request(token, path).DELETE()).statusCode())
                .isEqualTo(200);
        assertProblem(server.get(token, path), 404, "Model not found");
        assertProblem(server.get(token, path + "/archive"), 404, "Model not found");
        assertProblem(server.send(server.request(token, path).DELETE()), 404, "Model not found");
        assertThat(models.list("del", "").getJsonArray("models")).isEmpty();
        assertThat(models.list("del", "?deleted=true").getJsonArray("models")).hasSize(1);
        assertThat(server.post(token, path + "/restore", "").statusCode()).isEqualTo(200);
        assertThat(server.get(token, path + "/archive").statusCode()).isEqualTo(200);
        assertProblem(server.post(token, path + "/restore", ""), 404, "Model not found");
    }

    @Test
    void nameDescriptionAndTagsChangeAndNothingElse() {
        JsonObject model = models.ofFiles("pat", "named", Map.of("model/w.bin", WEIGHTS));
        String path = "/api/models/" + model.getString("id");
        HttpResponse<byte[]> changed = server.patch(
                server.token("pat"), path, "{\"name\":\"other\",\"description\":\"new\",\"tags\":[\"x\",\"y\"]}");
        assertThat(changed.statusCode()).isEqualTo(200);
        JsonObject now = models.detail("pat", model.getString("id"));
        assertThat(now.getString("name")).isEqualTo("other");
        assertThat(now.getInteger("version")).isEqualTo(1);
        assertThat(now.getString("description")).isEqualTo("new");
        assertThat(now.getJsonArray("tags")).isEqualTo(JsonArray.of("x", "y"));
        assertProblem(server.patch(server.token("pat"), path, "{\"owner\":\"x\"}"), 400);
        assertProblem(server.patch(server.token("pat"), path, "{\"name\":\" \"}"), 400);
    }

    @Test
    void aJobWithoutModelFilesSaysSoAndIsPublishedWhenTheyCome() {
        server.completed("late", "late", Map.of("training.log", TEXT));
        Models.eventually(() -> {
            JsonObject job = json(server.get(server.token("late"), "/api/training/jobs/late"));
            assertThat(job.getString("error")).isEqualTo("Publishing failed: no files below model/ or models/");
        });
        models.upload("late", Map.of("model/w.bin", WEIGHTS));
        models.published("late", "late");
        JsonObject job = json(server.get(server.token("late"), "/api/training/jobs/late"));
        assertThat(job.getString("error")).isNull();
        assertThat(job.getString("publication")).isEqualTo("published");
    }

    private static List<Integer> versions(String owner, String id) {
        return json(server.get(server.token(owner), "/api/models/" + id + "/versions"))
                .getJsonObject("data")
                .getJsonArray("versions")
                .stream()
                .map(version -> ((JsonObject) version).getInteger("version"))
                .toList();
    }

    private static HttpResponse<byte[]> save(String token, String task, String name, String more) {
        return server.send(server.request(token, "/api/models")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(
                        "{\"task_id\":\"" + task + "\",\"model_name\":\"" + name + "\"" + more + "}")));
    }

    private static String sha256(byte[] content) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    }

    private static String base64(byte[] content) throws Exception {
        return Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("SHA-256").digest(content));
    }
}
