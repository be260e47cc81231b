package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static dev.sluice.server.Responses.field;
import static dev.sluice.server.Responses.json;
import static dev.sluice.server.Responses.unzipped;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.database.Actor;
import dev.sluice.database.TestDatabase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From a completed job to a model, its versions and its end, over HTTP. */
class PublishedModelsTest {
    private static final byte[] TEXT = "a line of a log\n".repeat(5_000).getBytes(StandardCharsets.UTF_8);
    private static final byte[] WEIGHTS = Models.noise(70_000);

    private static TestServer server;
    private static Models models;

    @BeforeAll
    static void start() {
        // So far off that whatever is published here was published at once.
        server = TestServer.builder().with("ingest.poll-interval", "1h").start();
        models = new Models(server);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aCompletedJobBecomesAModelWithItsFilesAndItsQuality() throws Exception {
        Models.expect(
                201,
                server.post(
                        server.trainer(),
                        "/api/training/jobs",
                        "{\"job_id\":\"curve\",\"owner\":\"ann\",\"name\":\"curve\",\"total_cost\":12.5,"
                                + "\"config\":{\"learning_rate\":0.001,\"layers\":[2,3]}}"));
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
        JsonObject summary = detail.getJsonObject("training_summary");
        assertThat(summary.getDouble("duration_seconds")).isNotNegative();
        summary.remove("duration_seconds");
        assertThat(summary)
                .isEqualTo(new JsonObject()
                        .put("epochs", 2.0)
                        .put("steps", 50)
                        .put("initial_loss", 2.0)
                        .put("final_loss", 0.9)
                        .put("validation_loss", 1.0)
                        .put("loss_reduction", 55.0)
                        .put("perplexity", Math.exp(1))
                        .put("total_cost", 12.5)
                        .put(
                                "hyperparameters",
                                new JsonObject().put("learning_rate", 0.001).put("layers", JsonArray.of(2, 3))));
        assertThat(detail.getJsonObject("config")).isEqualTo(summary.getJsonObject("hyperparameters"));
        assertThat(detail.getJsonArray("curve")).hasSize(2);
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
    void aPublicationIsToldAndRecorded() {
        String id =
                models.ofFiles("tom", "told", Map.of("model/w.bin", WEIGHTS)).getString("id");
        JsonObject told = json(server.get(server.token("tom"), "/api/notifications"))
                .getJsonArray("notifications")
                .getJsonObject(0);
        assertThat(told.getString("type")).isEqualTo("model.published");
        assertThat(told.getString("model_id")).isEqualTo(id);
        assertThat(told.getString("job_id")).isEqualTo("told");
        JsonObject recorded = json(server.get(server.token("tom"), "/api/audit?resource=" + id))
                .getJsonArray("entries")
                .getJsonObject(0);
        assertThat(recorded.getString("event_type")).isEqualTo("model.published");
        assertThat(recorded.getString("outcome")).isEqualTo("completed");
    }

    @Test
    void withoutAModelDirectoryAllThatAutoMlLeftIsTheModel() {
        JsonObject model = models.ofFiles(
                "tom",
                "left",
                Map.of("models/a.pkl", new byte[] {(byte) 0x80, 2, '}', '.'}, "models/leaderboard.csv", TEXT));
        assertThat(models.detail("tom", model.getString("id")).getJsonArray("files"))
                .extracting(file -> ((JsonObject) file).getString("path"))
                .containsExactly("a.pkl", "leaderboard.csv");
    }

    @Test
    void equalContentOfTwoOwnersIsStoredOnceAndNeitherLearnsOfIt() throws Exception {
        byte[] content = Models.noise(12_345);
        JsonObject uncles = models.ofFiles("uncle", "equal-1", Map.of("model/w.bin", content));
        JsonObject aunts = models.ofFiles("aunt", "equal-2", Map.of("model/w.bin", content));
        assertThat(uncles.getLong("size")).isEqualTo(aunts.getLong("size")).isEqualTo(12_345);
        for (String owner : List.of("uncle", "aunt")) {
            assertThat(json(server.get(server.token(owner), "/api/models/stats"))
                            .getJsonObject("data")
                            .getLong("storage_used"))
                    .isEqualTo(12_345);
        }
        String digest = sha256(content);
        // Other directories of the store have files that come and go.
        try (Stream<Path> stored = Files.walk(server.workspace().resolveSibling("store/blobs"))) {
            assertThat(stored.filter(file -> file.endsWith(digest))).hasSize(1);
        }
    }

    @Test
    void aPickleThatWouldRunCodeIsFlaggedByNameInListAndDetail() {
        byte[] harmful = "cposix\nsystem\n(S'id'\ntR.".getBytes(StandardCharsets.UTF_8);
        JsonObject model = models.ofFiles("sam", "harmful", Map.of("model/bad.pkl", harmful, "model/w.txt", TEXT));
        assertThat(model.getString("safety")).isEqualTo("suspicious");
        JsonArray files = models.detail("sam", model.getString("id")).getJsonArray("files");
        JsonObject bad = files.getJsonObject(0);
        assertThat(bad.getString("path")).isEqualTo("bad.pkl");
        assertThat(bad.getString("safety")).isEqualTo("suspicious");
        assertThat(bad.getJsonArray("findings")).isEqualTo(JsonArray.of("posix.system"));
        assertThat(files.getJsonObject(1).containsKey("safety")).isFalse();
        HttpResponse<byte[]> served = server.get(server.token("sam"), bad.getString("url"));
        assertThat(served.body()).isEqualTo(harmful);
        assertThat(field(served, "Content-Type")).isEqualTo("application/octet-stream");
    }

    @Test
    void whoSavesTwiceAtOnceHasTwoVersions() {
        server.completed("sam", "twice", Map.of("models/best_model.pkl", new byte[] {(byte) 0x80, 2, '}', '.'}));
        List<CompletableFuture<HttpResponse<byte[]>>> saves = IntStream.range(0, 4)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> save(server.token("sam"), "twice", "both", "")))
                .toList();
        assertThat(saves)
                .extracting(save -> json(save.join()).getJsonObject("data").getInteger("version"))
                .containsExactlyInAnyOrder(1, 2, 3, 4);
    }

    @ParameterizedTest
    @CsvSource({
        "'task_type,accuracy', 'binary,0.9', classification",
        "'task_type,rmse', 'Time Series,3', time_series",
        "'score,mase', '1,2', time_series",
        "'score,rmse', '1,2', regression",
        "'score,roc_auc', '1,0.7', classification",
        "'task_type,rmse', 'mystery,3', regression",
        "'speed,cost', '1,2', ",
    })
    void theTaskTypeIsOneOfThreeOrUnknown(String columns, String cells, @Nullable String taskType) {
        String job = "task-" + Integer.toHexString((columns + cells).hashCode());
        server.completed(
                "sam",
                job,
                Map.of(
                        "models/best_model.pkl",
                        new byte[] {(byte) 0x80, 2, '}', '.'},
                        "models/leaderboard.csv",
                        ("model," + columns + "\nbest_model," + cells + "\n").getBytes(StandardCharsets.UTF_8)));
        assertThat(json(save(server.token("sam"), job, job, ""))
                        .getJsonObject("data")
                        .getString("task_type"))
                .isEqualTo(taskType);
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
        // What is remembered of a job may be older by a moment than its model.
        Models.eventually(() -> {
            JsonObject job = json(server.get(server.token("late"), "/api/training/jobs/late"));
            assertThat(job.getString("error")).isNull();
            assertThat(job.getString("publication")).isEqualTo("published");
        });
    }

    @Test
    void aModelWithTooManyLevelsIsGivenUpWithItsReasonAndSavedWhenItHasFewer() throws Exception {
        server.register("deep", "deep");
        models.run("deep");
        Path top = server.workspace().resolve("deep/model/d");
        Files.createDirectories(top.resolve("d/".repeat(63)));
        models.complete("deep");
        Models.eventually(() -> {
            JsonObject job = json(server.get(server.token("deep"), "/api/training/jobs/deep"));
            assertThat(job.getString("error"))
                    .isEqualTo("Publishing failed: the model's directory has too many entries or levels;"
                            + " save it when it has fewer");
        });
        assertThat(due("deep")).as("it is not tried again").isEqualTo("infinity");
        try (Stream<Path> levels = Files.walk(top)) {
            for (Path level : levels.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(level);
            }
        }
        models.upload("deep", Map.of("model/w.bin", WEIGHTS));
        HttpResponse<byte[]> saved =
                server.post(server.token("deep"), "/api/models", "{\"task_id\":\"deep\",\"model_name\":\"mended\"}");
        assertThat(saved.statusCode()).isEqualTo(201);
    }

    private static String due(String job) {
        return TestDatabase.await(server.database()
                        .database()
                        .as(
                                new Actor.Background(),
                                connection -> connection
                                        .preparedQuery("select publish_at::text as due from jobs where job_id = $1")
                                        .execute(Tuple.of(job))))
                .iterator()
                .next()
                .getString("due");
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
