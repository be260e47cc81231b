package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.access.Scope;
import dev.sluice.database.Actor;
import dev.sluice.database.TestDatabase;
import dev.sluice.ingest.ScriptedUpstream;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The catalog as clients see it, with an upstream of our own. Each test has a model of its own. */
class CatalogOverHttpTest {
    private static final byte[] CONTENT = new byte[200_000];
    private static final byte[] OTHER = Models.noise(5_000);
    private static final String TAG = "\"v1\"";
    private static final int EVENTS = 7;

    @TempDir
    static Path directory;

    private static ScriptedUpstream upstream;
    private static TestServer server;
    private static String admin;
    private static String user;
    private static final CountDownLatch RELEASE = new CountDownLatch(1);

    @BeforeAll
    static void start() throws Exception {
        new Random(1).nextBytes(CONTENT);
        String sha256 = sha256(CONTENT);
        upstream = new ScriptedUpstream((request, reply) -> {
            switch (request.path()) {
                case "/gone", "/mirrored" -> reply.status(404);
                case "/wrong" -> reply.good(request, Arrays.copyOf(CONTENT, 1000), TAG);
                case "/slow" -> {
                    reply.head(200, "ETag", TAG, "Content-Length", "200000").body(CONTENT, 0, 50_000);
                    RELEASE.await();
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
        RELEASE.countDown();
        server.close();
        upstream.close();
    }

    private static String sha256(byte[] content) throws NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    }

    private static JsonObject json(HttpResponse<byte[]> response) {
        return new JsonObject(new String(response.body(), StandardCharsets.UTF_8));
    }

    private static JsonObject progress(String id) {
        return json(server.get(user, "/api/catalog/" + id + "/progress"));
    }

    private static JsonObject listed(String id) {
        JsonArray models = json(server.get(user, "/api/catalog")).getJsonArray("models");
        return models.stream()
                .map(JsonObject.class::cast)
                .filter(model -> model.getString("id").equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static String state(String id) {
        return listed(id).getString("state");
    }

    private static HttpResponse<byte[]> download(String id) {
        return server.post(admin, "/api/catalog/" + id + "/download", "{}");
    }

    private static JsonObject ended(String id) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (System.nanoTime() < deadline) {
            JsonObject progress = progress(id);
            if (!Set.of("queued", "downloading", "verifying").contains(progress.getString("status"))) {
                return progress;
            }
        }
        throw new AssertionError("the download does not end");
    }

    private static HttpResponse<byte[]> delete(String token, String path) {
        return server.send(server.request(token, path).DELETE());
    }

    @Test
    void aModelIsDownloadedVerifiedAndDeliveredLikeEverythingElse() {
        assertThat(state("good")).isEqualTo("available");
        HttpResponse<byte[]> accepted = download("good");
        assertThat(accepted.statusCode()).isEqualTo(202);
        assertThat(accepted.headers().firstValue("Location")).hasValue("/api/catalog/good/progress");
        JsonObject end = ended("good");
        assertThat(end.getString("status")).isEqualTo("completed");
        assertThat(end.getLong("downloaded_bytes")).isEqualTo(200_000);
        assertThat(end.getLong("total_bytes")).isEqualTo(200_000);
        assertThat(end.getDouble("percentage")).isEqualTo(100);
        assertThat(state("good")).isEqualTo("completed");
        assertThat(download("good").statusCode()).as("again").isEqualTo(200);

        HttpResponse<byte[]> file = server.get(user, "/api/catalog/good/file");
        assertThat(file.body()).isEqualTo(CONTENT);
        assertThat(file.headers().firstValue("Content-Disposition").orElseThrow())
                .contains("good.gguf");
        assertThat(file.headers().firstValue("Repr-Digest")).isPresent();
        String tag = file.headers().firstValue("ETag").orElseThrow();
        HttpResponse<byte[]> part =
                server.get(user, "/api/catalog/good/file", "Range", "bytes=100-199", "If-Range", tag);
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(CONTENT, 100, 200));
        assertThat(server.get(user, "/api/catalog/good/file", "If-None-Match", tag)
                        .statusCode())
                .isEqualTo(304);
        assertThat(json(server.post(user, "/api/catalog/good/verify", "{}")))
                .isEqualTo(new JsonObject().put("valid", true));
    }

    private static Set<String> audited(String id) {
        return json(server.get(admin, "/api/audit?limit=100")).getJsonArray("entries").stream()
                .map(JsonObject.class::cast)
                .filter(entry -> entry.getString("resource_id").equals(id))
                .filter(entry -> entry.getString("actor").equals("root"))
                .map(entry -> entry.getString("event_type"))
                .collect(Collectors.toSet());
    }

    @Test
    void aModelWithoutAPromisedDigestSaysThatItIsUnverified() {
        assertThat(download("unverified").statusCode()).isEqualTo(202);
        assertThat(ended("unverified").getString("status")).isEqualTo("completed");
        assertThat(progress("unverified").getBoolean("verified")).isFalse();
        assertThat(state("unverified")).isEqualTo("unverified");
    }

    @Test
    void whatFailsSaysWhyAndIsNotDelivered() {
        for (String id : new String[] {"gone", "wrong", "outside"}) {
            assertThat(download(id).statusCode()).isEqualTo(202);
        }
        assertThat(ended("gone").getString("error")).endsWith("/gone answered 404");
        assertThat(ended("wrong").getString("error")).contains("SHA-256");
        assertThat(ended("outside").getString("error"))
                .isEqualTo("models.example is not among the hosts that files may be fetched from");
        assertThat(server.get(user, "/api/catalog/wrong/file").statusCode()).isEqualTo(404);
        assertThat(audited("wrong")).containsExactlyInAnyOrder("model.download.started", "model.download.failed");
        assertThat(download("gone").statusCode()).as("tried again").isEqualTo(202);
    }

    @Test
    void aDownloadIsJoinedWatchedAndCancelled() throws Exception {
        assertThat(download("slow").statusCode()).isEqualTo(202);
        assertThat(download("slow").statusCode()).isEqualTo(202);
        while (progress("slow").getLong("downloaded_bytes") < 50_000) {
            Thread.onSpinWait();
        }
        assertThat(progress("slow").getDouble("percentage")).isEqualTo(25.0);
        HttpRequest.Builder events =
                server.request(user, "/api/catalog/slow/progress").header("Accept", "text/event-stream");
        Thread cancelling = new Thread(() -> delete(admin, "/api/catalog/slow/download"));
        cancelling.start();
        HttpResponse<byte[]> stream = server.send(events.GET());
        assertThat(stream.headers().firstValue("Content-Type")).hasValue("text/event-stream");
        String text = new String(stream.body(), StandardCharsets.UTF_8);
        assertThat(text).startsWith("data: {").endsWith("\n\n").contains("\"status\":\"cancelled\"");
        cancelling.join();
        assertThat(upstream.requests().stream()
                        .filter(request -> request.path().equals("/slow"))
                        .count())
                .as("one download, however often it is asked for")
                .isEqualTo(1);
        assertThat(delete(admin, "/api/catalog/slow/download").statusCode()).isEqualTo(409);
        assertThat(audited("slow")).containsExactlyInAnyOrder("model.download.started", "model.download.cancelled");
    }

    @Test
    void whatIsDeletedIsGone() {
        assertThat(download("deleted").statusCode()).isEqualTo(202);
        assertThat(ended("deleted").getString("status")).isEqualTo("completed");
        assertThat(delete(admin, "/api/catalog/deleted").statusCode()).isEqualTo(204);
        assertThat(server.get(user, "/api/catalog/deleted/file").statusCode()).isEqualTo(404);
        assertThat(state("deleted")).isEqualTo("available");
        assertThat(audited("deleted"))
                .containsExactlyInAnyOrder("model.download.started", "model.download.completed", "model.deleted");
        assertThat(delete(admin, "/api/catalog/deleted").statusCode()).isEqualTo(404);
    }

    @Test
    void ofTwoModelsThatAreOneFileTheOtherStaysWhenOneIsDeleted() {
        for (String id : List.of("other", "twin")) {
            download(id);
            assertThat(ended(id).getString("status")).isEqualTo("completed");
        }
        assertThat(delete(admin, "/api/catalog/twin").statusCode()).isEqualTo(204);
        assertThat(server.get(user, "/api/catalog/other/file").body()).isEqualTo(CONTENT);
    }

    @Test
    void whatTheFirstSourceDoesNotHaveComesFromAMirror() {
        download("mirrored");
        assertThat(ended("mirrored").getString("status")).isEqualTo("completed");
        assertThat(upstream.requests())
                .extracting(ScriptedUpstream.Request::path)
                .containsSubsequence("/mirrored", "/mirror");
    }

    @Test
    void theListSaysWhatIsOnOfferAndWhereAFileIs() {
        download("listed");
        assertThat(ended("listed").getString("status")).isEqualTo("completed");
        JsonObject model = listed("listed");
        assertThat(model.fieldNames())
                .contains("id", "name", "file_name", "url", "size", "sha256", "description", "recommended", "state");
        String url = model.getJsonObject("file").getString("url");
        assertThat(server.get(user, url).body()).isEqualTo(CONTENT);
        assertThat(server.get(user, url.replaceFirst("v=.*", "v=another")).statusCode())
                .isEqualTo(412);
    }

    @Test
    void theSizeInTheCatalogIsAFigureForPeopleAndTheDigestDecides() {
        assertThat(download("rounded").statusCode()).isEqualTo(202);
        JsonObject end = ended("rounded");
        assertThat(end.getString("status")).isEqualTo("completed");
        assertThat(end.getBoolean("verified")).isTrue();
        assertThat(end.getLong("total_bytes")).isEqualTo(200_000);
    }

    @Test
    void bandwidthIsLimitedOnRequest() {
        long begin = System.nanoTime();
        String limit = "{\"max_bytes_per_second\":100000}";
        assertThat(server.post(admin, "/api/catalog/limited/download", limit).statusCode())
                .isEqualTo(202);
        assertThat(ended("limited").getString("status")).isEqualTo("completed");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(1500));
    }

    @Test
    void aFileThatHasRottedIsFoundByVerifyingAndNotDeliveredAnyMore() throws Exception {
        download("spoilt");
        assertThat(ended("spoilt").getString("status")).isEqualTo("completed");
        Path kept = server.workspace().resolveSibling("catalog").resolve(sha256(OTHER));
        byte[] rotten = OTHER.clone();
        rotten[4_000] ^= 1;
        assertThat(kept.toFile().setWritable(true)).isTrue();
        Files.write(kept, rotten);
        JsonObject verdict = json(server.post(user, "/api/catalog/spoilt/verify", "{}"));
        assertThat(verdict.getBoolean("valid")).isFalse();
        assertThat(verdict.getString("error")).contains("SHA-256");
        assertThat(state("spoilt")).isEqualTo("failed");
        assertThat(server.get(user, "/api/catalog/spoilt/file").statusCode()).isEqualTo(404);
        assertThat(download("spoilt").statusCode()).isEqualTo(202);
        assertThat(ended("spoilt").getString("status")).isEqualTo("completed");
        assertThat(server.get(user, "/api/catalog/spoilt/file").body()).isEqualTo(OTHER);
        assertThat(json(server.post(user, "/api/catalog/good-or-not/verify", "{}"))
                        .getString("detail"))
                .isEqualTo("Model not found");
    }

    /** The row changes all the time; it is nobody's, so that only this test writes it. */
    @Test
    void progressIsToldAtMostFourTimesASecond() throws Exception {
        sql(
                "insert into catalog_downloads (model_id, status, requested_by, request_id, connections, total_bytes, lease_until)"
                        + " values ('watched', 'downloading', 'root', '', 1, 200000, now() + interval '1 h')");
        AtomicBoolean over = new AtomicBoolean();
        Thread writing = new Thread(() -> {
            for (int bytes = 1; !over.get(); bytes++) {
                sql("update catalog_downloads set speed = 7.4, downloaded_bytes = " + bytes
                        + " where model_id = 'watched'");
            }
            sql(
                    "update catalog_downloads set status = 'failed', error = 'enough', finished_at = now() where model_id = 'watched'");
        });
        long begin = System.nanoTime();
        writing.start();
        int told = 0;
        String last = "";
        try (BufferedReader events = new BufferedReader(new InputStreamReader(
                HttpClient.newHttpClient()
                        .send(
                                server.request(user, "/api/catalog/watched/progress")
                                        .header("Accept", "text/event-stream")
                                        .build(),
                                HttpResponse.BodyHandlers.ofInputStream())
                        .body(),
                StandardCharsets.UTF_8))) {
            for (String line = events.readLine(); line != null; line = events.readLine()) {
                if (line.startsWith("data: ")) {
                    last = line.substring(6);
                    if (++told == EVENTS) {
                        // The first is at once; of the others none may come before its quarter of a second.
                        assertThat(Duration.ofNanos(System.nanoTime() - begin).toMillis())
                                .isGreaterThanOrEqualTo((EVENTS - 1) * 240L);
                        over.set(true);
                    }
                }
            }
        } finally {
            over.set(true);
            writing.join();
        }
        assertThat(told).isGreaterThan(EVENTS);
        assertThat(new JsonObject(last).getMap())
                .containsOnlyKeys(
                        "model_id",
                        "downloaded_bytes",
                        "total_bytes",
                        "percentage",
                        "speed",
                        "status",
                        "error",
                        "verified")
                .containsEntry("status", "failed")
                .containsEntry("error", "enough");
    }

    private static void sql(String sql) {
        TestDatabase.await(server.database()
                .database()
                .as(new Actor.Background(), connection -> connection.query(sql).execute()));
    }

    @Test
    void aModelThatDoesNotFitIsRefusedAtOnce() {
        assertThat(download("huge").statusCode()).isEqualTo(507);
        assertThat(state("huge")).isEqualTo("available");
    }

    @Test
    void changesNeedAnAdministratorAndUnknownModelsAreNotFound() throws IOException {
        assertThat(server.post(user, "/api/catalog/good/download", "{}").statusCode())
                .isEqualTo(403);
        assertThat(delete(user, "/api/catalog/good/download").statusCode()).isEqualTo(403);
        assertThat(delete(user, "/api/catalog/good").statusCode()).isEqualTo(403);
        assertThat(download("unknown").statusCode()).isEqualTo(404);
        assertThat(json(server.get(user, "/api/catalog/unknown/file")).getString("detail"))
                .isEqualTo("Model not found");
        assertThat(server.post(admin, "/api/catalog/good/download", "{\"connections\":17}")
                        .statusCode())
                .isEqualTo(400);
        assertThat(server.post(admin, "/api/catalog/good/download", "[]").statusCode())
                .isEqualTo(400);
    }
}
