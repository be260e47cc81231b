package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.access.Scope;
import dev.sluice.database.Actor;
import dev.sluice.database.TestDatabase;
import dev.sluice.ingest.ScriptedUpstream;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs whose files are fetched from elsewhere when they are published. Each test has jobs of its own. */
class ArtifactsTest {
    private static final byte[] WEIGHTS = Models.noise(200_000);
    private static final byte[] LOG = "a line of a log\n".repeat(5_000).getBytes(StandardCharsets.UTF_8);
    private static final String TAG = "\"v1\"";
    private static final AtomicInteger ASKED = new AtomicInteger();
    private static final Set<String> FIRST = ConcurrentHashMap.newKeySet();
    private static final CountDownLatch RELEASE = new CountDownLatch(1);

    private static ScriptedUpstream upstream;
    private static Path credentials;
    private static TestServer server;
    private static Models models;

    @TempDir
    static Path directory;

    @BeforeAll
    static void start() throws IOException {
        credentials = Files.writeString(
                directory.resolve("credentials.yaml"), "127.0.0.1: \"Authorization: Bearer of-the-tests\"\n");
        upstream = new ScriptedUpstream(ArtifactsTest::answer);
        server = builder().start();
        models = new Models(server);
    }

    private static TestServer.Builder builder() {
        return TestServer.builder()
                .with("ingest.allowed-hosts", "127.0.0.1:" + upstream.port())
                .with("ingest.poll-interval", "100ms")
                .with("ingest.credentials-file", credentials.toString());
    }

    private static void answer(ScriptedUpstream.Request request, ScriptedUpstream.Reply reply) throws Exception {
        boolean first = FIRST.add(request.path());
        switch (request.path()) {
            case "/shaky" -> {
                if (ASKED.incrementAndGet() <= 2) {
                    reply.status(500);
                } else {
                    reply.good(request, WEIGHTS, TAG);
                }
            }
            case "/log" -> reply.good(request, LOG, TAG);
            case "/stalls" -> {
                if (first) {
                    reply.head(200, "ETag", TAG, "Content-Length", "200000").body(WEIGHTS, 0, 100_000);
                    reply.hang();
                } else {
                    reply.good(request, WEIGHTS, TAG);
                }
            }
            case "/gone-when-others-are-here" -> {
                Models.eventually(() -> assertThat(fetched("mixed")).isEqualTo(2));
                reply.status(404);
            }
            case "/for-ever" -> {
                reply.head(200, "ETag", TAG, "Content-Length", "200000").body(WEIGHTS, 0, 100_000);
                RELEASE.await();
            }
            default -> reply.good(request, WEIGHTS, TAG);
        }
    }

    /** Files of a job that are in the blob store before it is published. */
    private static long fetched(String job) {
        return TestDatabase.await(server.database()
                .database()
                .as(
                        new Actor.Background(),
                        connection -> connection
                                .preparedQuery("select count(*) from fetched_artifacts where job_id = $1")
                                .execute(Tuple.of(job))
                                .map(rows -> rows.iterator().next().getLong(0))));
    }

    private static long asked(String path) {
        return upstream.requests().stream()
                .filter(request -> request.path().equals(path))
                .count();
    }

    @AfterAll
    static void stop() {
        RELEASE.countDown();
        server.close();
        upstream.close();
    }

    @Test
    void whatAJobLeftElsewhereIsFetchedAndPublished() {
        complete("elsewhere", artifact("sub/w.bin", "/w", sha256(WEIGHTS)), artifact("log.txt", "/log", null));
        JsonObject model = models.published("ann", "elsewhere");
        JsonArray files = models.detail("ann", model.getString("id")).getJsonArray("files");
        assertThat(files)
                .extracting(file -> ((JsonObject) file).getString("path"))
                .containsExactly("log.txt", "sub/w.bin");
        assertThat(files)
                .extracting(file -> ((JsonObject) file).getString("sha256"))
                .containsExactly(sha256(LOG), sha256(WEIGHTS));
        byte[] zip = server.get(server.token("ann"), "/api/models/" + model.getString("id") + "/archive")
                .body();
        assertThat(Responses.unzipped(zip))
                .containsOnlyKeys("log.txt", "sub/w.bin")
                .containsEntry("log.txt", LOG)
                .containsEntry("sub/w.bin", WEIGHTS);
        // What is remembered of a job may be older by a moment than its model.
        Models.eventually(
                () -> assertThat(job("elsewhere").getString("publication")).isEqualTo("published"));
        assertThat(upstream.requests())
                .filteredOn(request -> request.path().equals("/log"))
                .isNotEmpty()
                .allSatisfy(
                        request -> assertThat(request.header("Authorization")).isEqualTo("Bearer of-the-tests"));
    }

    @Test
    void aWrongFileFailsItsJobAloneUntilTheTrainerNamesAnother() {
        complete("wrong", artifact("w.bin", "/w", sha256(LOG)));
        complete("right", artifact("w.bin", "/w", sha256(WEIGHTS)));
        models.published("ann", "right");
        String error = error("wrong");
        assertThat(error).contains("artifact w.bin could not be fetched").contains("SHA-256");
        assertThat(job("wrong").getString("status")).isEqualTo("completed");
        assertThat(audited("wrong")).isEqualTo(1);
        Models.expect(
                200, server.patch(server.trainer(), "/api/training/jobs/wrong", json("w.bin", "/log", sha256(LOG))));
        models.published("ann", "wrong");
        Models.eventually(() -> assertThat(job("wrong").getString("error")).isNull());
    }

    @Test
    void aForbiddenHostIsNamed() {
        complete("outside", new JsonObject().put("path", "w.bin").put("url", "http://models.example/w?sig=secret"));
        assertThat(error("outside"))
                .contains("w.bin")
                .contains("models.example")
                .doesNotContain("secret");
    }

    @Test
    void anUpstreamThatIsInTroubleIsAskedAgain() {
        complete("shaky", artifact("w.bin", "/shaky", sha256(WEIGHTS)));
        models.published("ann", "shaky");
        assertThat(ASKED).hasValueGreaterThanOrEqualTo(3);
    }

    @Test
    void anUpstreamThatStallsIsAskedForTheRestAfterTheConfiguredTime() {
        // On a server of its own: in so short a time a slow machine may get nowhere with what is asked for once.
        try (TestServer impatient = builder().with("ingest.stall-timeout", "2s").start()) {
            complete(impatient, "stalled", artifact("w.bin", "/stalls", sha256(WEIGHTS)));
            new Models(impatient).published("ann", "stalled");
        }
        assertThat(upstream.requests().stream()
                        .filter(request -> request.path().equals("/stalls"))
                        .map(request -> request.header("Range")))
                .first()
                .isEqualTo("");
        assertThat(asked("/stalls")).isGreaterThan(1);
    }

    @Test
    void withOtherArtifactsOnlyWhatWasPromisedAndCameIsNotFetchedAgain() {
        JsonObject promised = artifact("promised.bin", "/promised", sha256(WEIGHTS));
        JsonObject unpromised = artifact("unpromised.bin", "/unpromised", null);
        complete("mixed", promised, unpromised, artifact("gone.bin", "/gone-when-others-are-here", null));
        assertThat(error("mixed")).contains("gone.bin").contains("answered 404");
        String others = patch(promised, unpromised, artifact("gone.bin", "/found", null))
                .encode();
        Models.expect(200, server.patch(server.trainer(), "/api/training/jobs/mixed", others));
        models.published("ann", "mixed");
        assertThat(asked("/promised")).isEqualTo(1);
        assertThat(asked("/unpromised")).as("may be another by now").isEqualTo(2);
        assertThat(audit("mixed"))
                .containsExactly("job.fetch.started", "job.fetch.failed", "job.fetch.started", "job.fetch.completed");
    }

    @Test
    void otherArtifactsEndTheFetchOfTheEarlierOnes() {
        complete("changed", artifact("w.bin", "/for-ever", null));
        Models.eventually(() -> assertThat(asked("/for-ever")).isEqualTo(1));
        String others = patch(artifact("w.bin", "/at-once", sha256(WEIGHTS))).encode();
        Models.expect(200, server.patch(server.trainer(), "/api/training/jobs/changed", others));
        models.published("ann", "changed");
        assertThat(audit("changed"))
                .containsExactly(
                        "job.fetch.started", "job.fetch.cancelled", "job.fetch.started", "job.fetch.completed");
        JsonObject cancelled = entries("changed").stream()
                .filter(entry -> entry.getString("event_type").equals("job.fetch.cancelled"))
                .findFirst()
                .orElseThrow();
        assertThat(cancelled.getString("actor")).as("who did it").isEqualTo("trainer");
        assertThat(cancelled.getString("request_id")).isNotBlank();
    }

    @Test
    void filesWithinFilesAreRefusedAtRegistration() {
        String conflict = new JsonObject()
                .put("owner", "ann")
                .put("name", "conflict")
                .put("artifact_urls", JsonArray.of(artifact("a", "/w", null), artifact("a/b", "/w", null)))
                .encode();
        HttpResponse<byte[]> refused = server.post(server.trainer(), "/api/training/jobs", conflict);
        Responses.assertProblem(refused, 400);
        assertThat(Responses.json(refused)
                        .getJsonArray("errors")
                        .getJsonObject(0)
                        .getString("pointer"))
                .isEqualTo("/artifact_urls/1/path");
    }

    private static JsonObject artifact(String path, String url, @Nullable String sha256) {
        JsonObject artifact = new JsonObject().put("path", path).put("url", upstream.url(url));
        return sha256 == null ? artifact : artifact.put("sha256", sha256);
    }

    private static String json(String path, String url, String sha256) {
        return patch(artifact(path, url, sha256)).encode();
    }

    private static JsonObject patch(JsonObject... artifacts) {
        return new JsonObject().put("artifact_urls", JsonArray.of((Object[]) artifacts));
    }

    private static void complete(String job, JsonObject... artifacts) {
        complete(server, job, artifacts);
    }

    private static void complete(TestServer where, String job, JsonObject... artifacts) {
        where.register("ann", job);
        new Models(where).run(job);
        String completed = patch(artifacts).put("status", "completed").encode();
        Models.expect(200, where.patch(where.trainer(), "/api/training/jobs/" + job, completed));
    }

    private static JsonObject job(String job) {
        return Responses.json(server.get(server.token("ann"), "/api/training/jobs/" + job));
    }

    private static String error(String job) {
        Models.eventually(() -> assertThat(job(job).getString("error")).isNotNull());
        return job(job).getString("error");
    }

    private static int audited(String job) {
        return (int) audit(job).stream().filter("job.fetch.failed"::equals).count();
    }

    /** Types of what was recorded of a job's artifacts, in their order. */
    private static List<String> audit(String job) {
        return entries(job).stream().map(entry -> entry.getString("event_type")).toList();
    }

    private static List<JsonObject> entries(String job) {
        JsonArray entries = Responses.json(server.get(
                        server.token("root", Scope.ADMIN), "/api/audit?action=fetch&limit=100&resource=" + job))
                .getJsonArray("entries");
        return entries.stream()
                .map(JsonObject.class::cast)
                .sorted(Comparator.comparing(entry -> entry.getInstant("at")))
                .toList();
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
