package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.ingest.ScriptedUpstream;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Jobs whose files are fetched from elsewhere when they are published. Each test has jobs of its own. */
class ArtifactsTest {
    private static final byte[] WEIGHTS = Models.noise(200_000);
    private static final byte[] LOG = "a line of a log\n".repeat(5_000).getBytes(StandardCharsets.UTF_8);
    private static final AtomicInteger ASKED = new AtomicInteger();

    private static ScriptedUpstream upstream;
    private static TestServer server;
    private static Models models;

    @BeforeAll
    static void start() {
        upstream = new ScriptedUpstream((request, reply) -> {
            if (request.path().equals("/shaky") && ASKED.incrementAndGet() <= 2) {
                reply.status(500);
            } else {
                reply.good(request, request.path().equals("/log") ? LOG : WEIGHTS, "\"v1\"");
            }
        });
        server = TestServer.builder()
                .with("ingest.allowed-hosts", "127.0.0.1:" + upstream.port())
                .with("ingest.poll-interval", "100ms")
                .start();
        models = new Models(server);
    }

    @AfterAll
    static void stop() {
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
        assertThat(job("elsewhere").getString("publication")).isEqualTo("published");
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
        assertThat(job("wrong").getString("error")).isNull();
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
        server.register("ann", job);
        models.run(job);
        String completed = patch(artifacts).put("status", "completed").encode();
        Models.expect(200, server.patch(server.trainer(), "/api/training/jobs/" + job, completed));
    }

    private static JsonObject job(String job) {
        return Responses.json(server.get(server.token("ann"), "/api/training/jobs/" + job));
    }

    private static String error(String job) {
        Models.eventually(() -> assertThat(job(job).getString("error")).isNotNull());
        return job(job).getString("error");
    }

    private static int audited(String job) {
        return Responses.json(server.get(server.token("ann"), "/api/audit?action=fetch&resource=" + job))
                .getJsonArray("entries")
                .size();
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
