package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static dev.sluice.server.Responses.field;
import static dev.sluice.server.Responses.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.access.Scope;
import dev.sluice.database.Actor;
import dev.sluice.database.TestDatabase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Calls on many models at once, and what is recorded of changes. Each test has an owner of its own. */
class ModelOverviewTest {
    private static final byte[] WEIGHTS = Models.noise(30_000);

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
    void modelsAreComparedSideBySideAndDifferencesAreMarked() {
        String first = trained("ann", "one", "{\"lr\":0.1,\"layers\":2}", 2.0, 0.5);
        String second = trained("ann", "two", "{\"lr\":0.2,\"layers\":2,\"warmup\":9}", 2.0, 1.0);
        JsonObject data = data(server.get(server.token("ann"), "/api/models/compare?ids=" + second + "," + first));
        assertThat(strings(data, "models", "id")).containsExactly(second, first);
        assertThat(line(data, "config", "lr"))
                .isEqualTo(new JsonObject()
                        .put("key", "lr")
                        .put("values", JsonArray.of(0.2, 0.1))
                        .put("differs", true));
        assertThat(line(data, "config", "layers").getBoolean("differs")).isFalse();
        assertThat(line(data, "config", "warmup").getJsonArray("values")).isEqualTo(JsonArray.of(9, null));
        assertThat(line(data, "metrics", "final_loss").getJsonArray("values")).isEqualTo(JsonArray.of(1.0, 0.5));
        assertThat(line(data, "metrics", "initial_loss").getBoolean("differs")).isFalse();
        assertThat(data.getJsonArray("curves").getJsonObject(1).getString("id")).isEqualTo(first);
        assertThat(data.getJsonArray("curves").getJsonObject(1).getJsonArray("points"))
                .hasSize(2);
        String token = server.token("ann");
        assertProblem(server.get(token, "/api/models/compare?ids=" + first), 400);
        assertProblem(
                server.get(token, "/api/models/compare?ids=" + first + "," + UUID.randomUUID()),
                404,
                "Model not found");
        assertProblem(
                server.get(server.token("stranger"), "/api/models/compare?ids=" + first + "," + second),
                404,
                "Model not found");
    }

    @Test
    void figuresAreOfOnesOwnModelsAndCountEqualContentOnce() {
        String id =
                models.ofFiles("bea", "stat-1", Map.of("model/w.bin", WEIGHTS)).getString("id");
        models.ofFiles("bea", "stat-2", Map.of("model/w.bin", WEIGHTS));
        server.get(server.token("bea"), "/api/models/" + id + "/archive");
        Models.eventually(() -> {
            JsonObject stats = data(server.get(server.token("bea"), "/api/models/stats"));
            assertThat(stats.getInteger("total_models")).isEqualTo(2);
            assertThat(stats.getLong("total_size")).isEqualTo(2L * WEIGHTS.length);
            assertThat(stats.getLong("storage_used")).isEqualTo(WEIGHTS.length);
            assertThat(stats.getLong("total_downloads")).isEqualTo(1);
            JsonObject popular = stats.getJsonArray("most_popular").getJsonObject(0);
            assertThat(popular.getString("id")).isEqualTo(id);
            assertThat(popular.getLong("completed")).isEqualTo(1);
            assertThat(stats.containsKey("by_owner")).isFalse();
        });
        JsonObject admins = data(server.get(server.token("root", Scope.ADMIN), "/api/models/stats"));
        assertThat(admins.getJsonArray("by_owner"))
                .contains(new JsonObject().put("owner", "bea").put("models", 2).put("size", 2 * WEIGHTS.length));
        assertThat(data(server.get(server.token("stranger"), "/api/models/stats"))
                        .getInteger("total_models"))
                .isZero();
    }

    @Test
    void manyAreDoneAtOnceAndWhatIsNotOnesOwnIsNamed() {
        String mine =
                models.ofFiles("cid", "bulk-1", Map.of("model/w.bin", WEIGHTS)).getString("id");
        String foreign =
                models.ofFiles("dan", "bulk-2", Map.of("model/w.bin", WEIGHTS)).getString("id");
        JsonObject downloads = data(bulk("download", mine, foreign));
        assertThat(strings(downloads, "downloads", "id")).containsExactly(mine);
        assertThat(downloads.getJsonArray("not_found")).isEqualTo(JsonArray.of(foreign));
        String link = downloads
                .getJsonArray("downloads")
                .getJsonObject(0)
                .getJsonObject("archive")
                .getString("url");
        assertThat(server.send(HttpRequest.newBuilder(server.uri(link))).statusCode())
                .isEqualTo(200);
        Instant soon = data(bulk(new JsonObject().put("expires_in", 60), "download", mine))
                .getJsonArray("downloads")
                .getJsonObject(0)
                .getInstant("expires_at");
        assertThat(soon).isBefore(Instant.now().plusSeconds(61));
        JsonObject deleted = data(bulk("delete", mine, foreign));
        assertThat(deleted.getJsonArray("deleted")).isEqualTo(JsonArray.of(mine));
        assertThat(deleted.getJsonArray("not_found")).isEqualTo(JsonArray.of(foreign));
        assertThat(models.list("cid", "").getJsonArray("models")).isEmpty();
        assertThat(models.list("dan", "").getJsonArray("models")).hasSize(1);
        assertProblem(bulk("publish", mine), 400);
        assertProblem(bulk(new JsonObject().put("expires_in", 3601), "download", mine), 400);
        assertProblem(bulk("delete"), 400);
    }

    @Test
    void everyChangeIsRecordedWithTheRequestThatAskedForIt() {
        String path = "/api/models/"
                + models.ofFiles("eva", "changed", Map.of("model/w.bin", WEIGHTS))
                        .getString("id");
        String token = server.token("eva");
        HttpResponse<byte[]> patched = server.patch(token, path, "{\"description\":\"new\"}");
        HttpResponse<byte[]> shared = send("PUT", path + "/shares/rob");
        HttpResponse<byte[]> unshared = send("DELETE", path + "/shares/rob");
        // Nothing was changed by these.
        assertProblem(send("DELETE", path + "/shares/rob"), 404, "Share not found");
        assertProblem(send("DELETE", path + "/shares/nobody"), 404, "Share not found");
        HttpResponse<byte[]> rolledBack = server.post(token, path + "/rollback", "");
        HttpResponse<byte[]> deleted = send("DELETE", path);
        HttpResponse<byte[]> restored = server.post(token, path + "/restore", "");
        JsonArray entries = json(server.get(token, "/api/audit?limit=100")).getJsonArray("entries");
        assertThat(entries.stream()
                        .map(JsonObject.class::cast)
                        .map(entry -> entry.getString("event_type") + " " + entry.getString("request_id")))
                .containsExactlyInAnyOrder(
                        "model.published ",
                        "model.changed " + field(patched, "X-Request-Id"),
                        "model.shared " + field(shared, "X-Request-Id"),
                        "model.unshared " + field(unshared, "X-Request-Id"),
                        "model.rolled_back " + field(rolledBack, "X-Request-Id"),
                        "model.deleted " + field(deleted, "X-Request-Id"),
                        "model.restored " + field(restored, "X-Request-Id"));
        assertThat(entries.stream()
                        .map(JsonObject.class::cast)
                        .filter(entry -> entry.getString("action").endsWith("share"))
                        .map(entry -> entry.getJsonObject("details").getString("grantee")))
                .containsExactly("rob", "rob");
    }

    @Test
    void readersAreToldWhatBecomesOfAModelForAsLongAsItIsSharedWithThem() {
        String path = "/api/models/"
                + models.ofFiles("ida", "told", Map.of("model/w.bin", WEIGHTS)).getString("id");
        Models.expect(201, sendAs("ida", "PUT", path + "/shares/ria"));
        Models.expect(200, sendAs("ida", "DELETE", path));
        assertThat(told("ria")).containsExactly("model.deleted", "model.shared");
        JsonObject newest = json(server.get(server.token("ria"), "/api/notifications"))
                .getJsonArray("notifications")
                .getJsonObject(0);
        assertThat(newest.getString("message")).isEqualTo("ida deleted model told version 1");
        Models.expect(200, server.post(server.token("ida"), path + "/restore", ""));
        assertThat(told("ria")).hasSize(3).first().isEqualTo("model.restored");
        Models.expect(200, sendAs("ida", "DELETE", path + "/shares/ria"));
        assertThat(told("ria")).isEmpty();
        assertThat(told("ida")).containsExactly("model.published");
    }

    private static List<String> told(String owner) {
        return strings(json(server.get(server.token(owner), "/api/notifications")), "notifications", "type");
    }

    @Test
    void pagesOfTenThousandModelsCostAFewQueriesEach() {
        models.ofFiles("fay", "many", Map.of("model/w.bin", WEIGHTS));
        TestDatabase.await(server.database()
                .database()
                .as(new Actor.Background(), connection -> connection.query("""
                        insert into models (owner, name, version, job_id, origin, convergence, size, safety, archive_tag,
                            archive_size, archive_sha256)
                        select 'fay', 'many', n, 'many', 'saved', 'good', n, 'safe', '', 0, ''
                        from generate_series(2, 10000) n""").execute()));
        Metrics metrics = new Metrics(server);
        double before = metrics.value("sluice_database_asked_total");
        for (int page = 1; page <= 10; page++) {
            JsonObject data = models.list("fay", "?limit=100&page=" + page * 10);
            assertThat(data.getJsonArray("models")).hasSize(100);
            assertThat(data.getJsonObject("pagination").getInteger("total")).isEqualTo(10_000);
        }
        // What goes on in the background is counted too; a query a model would be a thousand.
        assertThat(metrics.value("sluice_database_asked_total") - before).isBetween(10.0, 500.0);
    }

    private static String trained(String owner, String job, String config, double initial, double last) {
        Models.expect(
                201,
                server.post(
                        server.trainer(),
                        "/api/training/jobs",
                        new JsonObject()
                                .put("job_id", job)
                                .put("owner", owner)
                                .put("name", job)
                                .put("config", new JsonObject(config))
                                .encode()));
        models.run(job);
        models.metrics(job, "[{\"step\":1,\"train_loss\":" + initial + "},{\"step\":2,\"train_loss\":" + last + "}]");
        models.upload(job, Map.of("model/w.bin", WEIGHTS));
        models.complete(job);
        return models.published(owner, job).getString("id");
    }

    private static HttpResponse<byte[]> bulk(String action, String... ids) {
        return bulk(new JsonObject(), action, ids);
    }

    private static HttpResponse<byte[]> bulk(JsonObject more, String action, String... ids) {
        return server.post(
                server.token("cid"),
                "/api/models/bulk",
                more.put("action", action)
                        .put("ids", new JsonArray(List.of((Object[]) ids)))
                        .encode());
    }

    private static HttpResponse<byte[]> send(String method, String path) {
        return sendAs("eva", method, path);
    }

    private static HttpResponse<byte[]> sendAs(String owner, String method, String path) {
        return server.send(
                server.request(server.token(owner), path).method(method, HttpRequest.BodyPublishers.noBody()));
    }

    private static JsonObject data(HttpResponse<byte[]> response) {
        Models.expect(200, response);
        return json(response).getJsonObject("data");
    }

    private static JsonObject line(JsonObject data, String part, String key) {
        return data.getJsonArray(part).stream()
                .map(JsonObject.class::cast)
                .filter(line -> line.getString("key").equals(key))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> strings(JsonObject data, String list, String member) {
        return data.getJsonArray(list).stream()
                .map(each -> ((JsonObject) each).getString(member))
                .toList();
    }
}
