package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static dev.sluice.server.Responses.field;
import static dev.sluice.server.Responses.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.access.Scope;
import dev.sluice.archive.ExternalTool;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a download leaves behind for its owner and for the admin. Each test has an owner of its own. */
class RecordsOverHttpTest {
    private static final byte[] CONTENT = new byte[3_000_000];

    private static TestServer server;

    @BeforeAll
    static void start() {
        new Random(7).nextBytes(CONTENT);
        server = TestServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String job(String owner) {
        server.completed(owner, "of-" + owner, Map.of("model/weights.bin", CONTENT, "training.log", new byte[99]));
        return "/api/training/of-" + owner;
    }

    private static String file(String owner) {
        return job(owner) + "/files/model/weights.bin";
    }

    /** Less than a region that is written at once. */
    private static final int READ = 1 << 20;

    private static List<JsonObject> list(String token, String path, String name) {
        HttpResponse<byte[]> response = server.get(token, path);
        assertThat(response.statusCode()).isEqualTo(200);
        return objects(json(response).getJsonArray(name));
    }

    private static List<JsonObject> objects(JsonArray array) {
        return IntStream.range(0, array.size()).mapToObj(array::getJsonObject).toList();
    }

    private static List<JsonObject> downloads(String owner) {
        return list(server.token(owner), "/api/downloads", "downloads");
    }

    /** Of downloads alone: that a job is published meanwhile is recorded too. */
    private static List<JsonObject> audit(String owner) {
        return list(server.token(owner), "/api/audit", "entries").stream()
                .filter(entry -> entry.getString("action").equals("download"))
                .toList();
    }

    /** The one download of an owner, once it is as expected. */
    private static JsonObject download(String owner, Predicate<JsonObject> expected) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            List<JsonObject> all = downloads(owner);
            if (all.size() == 1 && expected.test(all.get(0))) {
                return all.get(0);
            }
            assertThat(System.nanoTime()).as("downloads: " + all).isLessThan(deadline);
            Thread.sleep(10);
        }
    }

    private static JsonObject download(String owner, String outcome) throws InterruptedException {
        return download(owner, it -> it.getString("outcome").equals(outcome));
    }

    private static List<JsonObject> settledAudit(String owner, int entries) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            List<JsonObject> all = audit(owner);
            if (all.size() == entries
                    && all.stream().noneMatch(it -> it.getString("outcome").equals("started"))) {
                return all;
            }
            assertThat(System.nanoTime()).as("audit: " + all).isLessThan(deadline);
            Thread.sleep(10);
        }
    }

    /** It is written by itself, apart from the audit. */
    private static void awaitHistory(String owner, int entries) {
        Models.eventually(() -> assertThat(downloads(owner))
                .hasSize(entries)
                .noneMatch(download -> download.getString("outcome").equals("active")));
    }

    @Test
    void aWholeDownloadIsOneRowInEach() throws Exception {
        String path = job("ann") + "/download/model";
        HttpResponse<byte[]> response = server.get(server.token("ann"), path, "User-Agent", "tester/1");
        JsonObject download = download("ann", "completed");
        assertThat(download.getString("kind")).isEqualTo("model");
        assertThat(download.getString("resource")).isEqualTo("of-ann");
        assertThat(download.getString("filename")).isEqualTo("model_of-ann.zip");
        assertThat(download.getLong("bytes")).isEqualTo(response.body().length);
        assertThat(download.getLong("total_bytes")).isEqualTo(response.body().length);
        assertThat(download.getInstant("finished_at")).isAfterOrEqualTo(download.getInstant("started_at"));

        JsonObject entry = settledAudit("ann", 1).get(0);
        assertThat(entry.getString("event_type")).isEqualTo("model.download.completed");
        assertThat(entry.getString("actor")).isEqualTo("ann");
        assertThat(entry.getString("action")).isEqualTo("download");
        assertThat(entry.getString("resource_type")).isEqualTo("job");
        assertThat(entry.getString("resource_id")).isEqualTo("of-ann");
        assertThat(entry.getString("outcome")).isEqualTo("completed");
        assertThat(entry.getString("request_id")).isEqualTo(field(response, "X-Request-Id"));
        JsonObject details = entry.getJsonObject("details");
        assertThat(details.getLong("bytes")).isEqualTo(response.body().length);
        assertThat(details.getString("address")).isEqualTo("127.0.0.1");
        assertThat(details.getString("user_agent")).isEqualTo("tester/1");
        assertThat(details.getDouble("duration_seconds")).isNotNegative();
    }

    @Test
    void aCheckpointIsRecordedAsOne() throws Exception {
        server.completed("che", "of-che", Map.of("model/step-1/weights.bin", CONTENT));
        server.get(server.token("che"), "/api/training/of-che/download/model?checkpoint=step-1");
        assertThat(download("che", "completed").getString("kind")).isEqualTo("checkpoint");
        assertThat(settledAudit("che", 1).get(0).getString("event_type")).isEqualTo("checkpoint.download.completed");
    }

    @Test
    void theIntentIsThereBeforeTheClientHasReadAnything() throws Exception {
        String path = BigFile.of(server, "bea", "of-bea");
        try (RawConnection held = RawConnection.to(server)) {
            assertThat(held.head("GET", server.token("bea"), path)
                            .receive("HEAD")
                            .status())
                    .isEqualTo(200);
            JsonObject entry = audit("bea").get(0);
            assertThat(entry.getString("event_type")).isEqualTo("file.download.started");
            assertThat(entry.getString("outcome")).isEqualTo("started");
            assertThat(download("bea", "active").getValue("finished_at")).isNull();
        }
        assertThat(settledAudit("bea", 1).get(0).getString("event_type")).isEqualTo("file.download.aborted");
        JsonObject download = download("bea", "client_left");
        assertThat(download.getLong("bytes")).isLessThan(BigFile.SIZE);
    }

    /** Whether the server hears of it by the write that fails or by the connection that closes is chance: so several times. */
    @Test
    void whatTheClientReadBeforeItLeftIsCovered() throws Exception {
        String path = BigFile.of(server, "kay", "of-kay");
        int times = 10;
        for (int i = 0; i < times; i++) {
            try (RawConnection leaving = RawConnection.to(server)) {
                leaving.head("GET", server.token("kay"), path, "User-Agent: agent " + i)
                        .receive("HEAD");
                leaving.skip(READ);
            }
        }
        settledAudit("kay", times);
        assertThat(audit("kay"))
                .allSatisfy(entry -> assertThat(entry.getJsonObject("details").getLong("bytes"))
                        .isBetween((long) READ, BigFile.SIZE - 1));
    }

    @Test
    void rangesInAnyOrderAreOneDownloadThatIsCompleteWhenNothingIsMissing() throws Exception {
        String path = file("cid");
        String token = server.token("cid");
        int half = CONTENT.length / 2;
        server.get(token, path, "Range", "bytes=" + half + "-");
        assertThat(download("cid", "partial").getLong("bytes")).isEqualTo(CONTENT.length - half);
        server.get(token, path, "Range", "bytes=100-" + (half + 100));
        assertThat(download("cid", it -> it.getLong("bytes") == CONTENT.length - 100)
                        .getString("outcome"))
                .isEqualTo("partial");
        server.get(token, path, "Range", "bytes=0-99");
        assertThat(download("cid", "completed").getLong("bytes")).isEqualTo(CONTENT.length);
        assertThat(settledAudit("cid", 3))
                .allMatch(entry -> entry.getJsonObject("details").getString("range") != null);
    }

    @Test
    void aSecondDownloadAfterACompleteOneIsASecondRow() throws Exception {
        String path = file("dan");
        server.get(server.token("dan"), path);
        download("dan", "completed");
        server.get(server.token("dan"), path);
        settledAudit("dan", 2);
        awaitHistory("dan", 2);
    }

    @Test
    void anotherClientIsAnotherDownload() throws Exception {
        String path = file("eva");
        server.get(server.token("eva"), path, "Range", "bytes=0-9", "User-Agent", "one");
        server.get(server.token("eva"), path, "Range", "bytes=0-9", "User-Agent", "two");
        settledAudit("eva", 2);
        awaitHistory("eva", 2);
    }

    @Test
    void whatSendsNoBodyIsNoDownload() throws Exception {
        String path = file("fay");
        String token = server.token("fay");
        String tag = field(server.head(token, path), "ETag");
        assertThat(server.get(token, path, "If-None-Match", tag).statusCode()).isEqualTo(304);
        assertThat(server.get(token, path, "If-Match", "\"x\"").statusCode()).isEqualTo(412);
        assertThat(server.get(token, path, "Range", "bytes=99999999-").statusCode())
                .isEqualTo(416);
        assertThat(server.get(token, path, "Range", "bytes=0-0").statusCode()).isEqualTo(206);
        settledAudit("fay", 1);
        assertThat(download("fay", "partial").getLong("bytes")).isEqualTo(1);
    }

    @Test
    void aria2WithEightConnectionsIsOneDownload(@TempDir Path directory) throws Exception {
        ExternalTool aria2 = new ExternalTool("aria2c");
        aria2.requirePresent();
        String path = file("gil");
        aria2.run(
                        directory,
                        "-x8",
                        "-s8",
                        "-k1M",
                        "--header=Authorization: Bearer " + server.token("gil"),
                        "-o",
                        "out",
                        server.uri(path))
                .succeeded();
        assertThat(Files.readAllBytes(directory.resolve("out"))).isEqualTo(CONTENT);
        assertThat(download("gil", "completed").getLong("bytes")).isEqualTo(CONTENT.length);
    }

    @Test
    void everyoneSeesTheirOwnAndTheAdminAll() throws Exception {
        server.get(server.token("hal"), file("hal"));
        server.get(server.token("ida"), file("ida"));
        settledAudit("hal", 1);
        settledAudit("ida", 1);
        assertThat(list(server.token("hal"), "/api/audit?actor=ida", "entries")).isEmpty();
        String admin = server.token("root", Scope.ADMIN);
        assertThat(list(admin, "/api/audit?actor=ida&action=download", "entries"))
                .hasSize(1);
        assertThat(list(admin, "/api/audit?resource=of-hal&action=download", "entries"))
                .hasSize(1);
        assertThat(list(admin, "/api/audit?resource=of-hal&action=delete", "entries"))
                .isEmpty();
    }

    @Test
    void listsComeInPagesNewestFirst() throws Exception {
        String path = file("jan");
        for (int i = 0; i < 3; i++) {
            server.get(server.token("jan"), path, "Range", "bytes=0-9", "User-Agent", "agent " + i);
        }
        settledAudit("jan", 3);
        // The history is written by itself.
        Models.eventually(() -> assertThat(downloads("jan")).hasSize(3));
        JsonObject second = json(server.get(server.token("jan"), "/api/downloads?page=2&limit=2"));
        assertThat(second.getJsonArray("downloads")).hasSize(1);
        assertThat(second.getJsonObject("pagination"))
                .isEqualTo(new JsonObject()
                        .put("page", 2)
                        .put("limit", 2)
                        .put("total", 3)
                        .put("totalPages", 2));
        List<JsonObject> entries = list(server.token("jan"), "/api/audit?limit=2", "entries");
        assertThat(entries).hasSize(2);
        assertThat(entries.get(0).getInstant("at"))
                .isAfterOrEqualTo(entries.get(1).getInstant("at"));
        assertThat(objects(json(server.get(server.token("jan"), "/api/audit?page=9"))
                        .getJsonArray("entries")))
                .isEmpty();
        assertProblem(server.get(server.token("jan"), "/api/downloads?limit=101"), 400);
        assertProblem(server.get(server.token("jan"), "/api/audit?page=0"), 400);
        assertProblem(server.get(server.token("jan"), "/api/audit?actor=%00"), 400);
    }

    @Test
    void statisticsTellWhatBecameOfThem() throws Exception {
        String path = job("kim");
        String token = server.token("kim");
        server.get(token, path + "/download/model");
        server.get(token, path + "/download/logs");
        server.get(token, path + "/files/training.log", "Range", "bytes=0-9");
        settledAudit("kim", 3);
        // The history is written by itself.
        Models.eventually(() -> assertThat(downloads("kim"))
                .hasSize(3)
                .noneMatch(download -> download.getString("outcome").equals("active")));
        JsonObject stats = json(server.get(token, "/api/downloads/stats?interval=hour"));
        assertThat(stats.getLong("total")).isEqualTo(3);
        assertThat(stats.getLong("completed")).isEqualTo(2);
        assertThat(stats.getLong("unfinished")).isEqualTo(1);
        assertThat(stats.getLong("active")).isZero();
        assertThat(stats.getDouble("success_rate")).isEqualTo(1);
        assertThat(stats.getDouble("target")).isEqualTo(0.99);
        assertThat(stats.getBoolean("target_met")).isTrue();
        assertThat(stats.getJsonObject("errors")).isEqualTo(new JsonObject().put("partial", 1));
        JsonObject small = stats.getJsonObject("by_size").getJsonObject("small");
        assertThat(small.getLong("completed")).isEqualTo(2);
        assertThat(small.getDouble("throughput")).isPositive();
        assertThat(small.getJsonObject("duration").fieldNames()).contains("mean", "p50", "p95", "p99");
        List<JsonObject> series = objects(stats.getJsonArray("series"));
        assertThat(stats.getJsonObject("errors_by_status")).isEqualTo(new JsonObject());
        assertThat(series).hasSizeBetween(48, 50);
        assertThat(series.stream().mapToLong(step -> step.getLong("total")).sum())
                .isEqualTo(3);
        assertThat(objects(stats.getJsonArray("popular")))
                .extracting(each -> each.getString("kind"))
                .containsExactlyInAnyOrder("model", "logs", "file");
        assertThat(json(server.get(server.token("nobody"), "/api/downloads/stats"))
                        .getValue("success_rate"))
                .isNull();
        assertProblem(server.get(token, "/api/downloads/stats?interval=week"), 400);
        assertProblem(server.get(token, "/api/downloads/stats?interval=hour&from=2020-01-01T00:00:00Z"), 400);
        assertProblem(server.get(token, "/api/downloads/stats?from=yesterday"), 400);
    }

    @Test
    void whatWasRefusedIsToldByItsStatus() throws Exception {
        String path = file("mia");
        String token = server.token("mia");
        server.get(token, path, "Range", "bytes=99999999-");
        server.get(token, path, "If-Match", "\"x\"");
        server.get(token, path + "x");
        server.get(token, path + "x");
        server.get(server.token("ned"), path);
        JsonObject expected = new JsonObject().put("404", 2).put("412", 1).put("416", 1);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!expected.equals(errors("mia"))) {
            assertThat(System.nanoTime()).as("errors: " + errors("mia")).isLessThan(deadline);
            Thread.sleep(10);
        }
        assertThat(server.get("no token", path).statusCode()).isEqualTo(401);
        Metrics metrics = new Metrics(server);
        // A response is counted when the client has it.
        metrics.await("sluice_http_responses_total{kind=\"download\",status=\"401\"}", 1);
        metrics.await("sluice_http_responses_total{kind=\"download\",status=\"404\"}", 3);
    }

    private static JsonObject errors(String owner) {
        return json(server.get(server.token(owner), "/api/downloads/stats")).getJsonObject("errors_by_status");
    }

    @Test
    void namesOfStrangersAreNoTrouble() throws IOException, InterruptedException {
        String path = file("lea");
        try (RawConnection raw = RawConnection.to(server)) {
            raw.exchange("GET", server.token("lea"), path, "User-Agent: " + "\u00e9\u0080".repeat(500));
        }
        assertThat(settledAudit("lea", 1).get(0).getJsonObject("details").getString("user_agent"))
                .hasSize(256);
        download("lea", "completed");
    }
}
