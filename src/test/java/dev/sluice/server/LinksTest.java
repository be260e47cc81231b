package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static dev.sluice.server.Responses.field;
import static dev.sluice.server.Responses.json;
import static dev.sluice.server.Responses.unzipped;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.archive.ExternalTool;
import dev.sluice.http.ContentDisposition;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Links over HTTP: what they open, and everything that ends them. */
class LinksTest {
    private static final String GONE = "The link is not valid, or no longer";
    private static final int BIG = 32 << 20;
    private static final byte[] WEIGHTS = Models.noise(50_000);

    private static TestServer server;
    private static Models models;
    private static String id;

    @BeforeAll
    static void start() {
        server = TestServer.start();
        models = new Models(server);
        id = models.ofFiles(
                        "ann",
                        "linked",
                        Map.of(
                                "model/w.bin",
                                WEIGHTS,
                                "model/sub/a%20b.txt",
                                "text\n".repeat(500).getBytes(StandardCharsets.UTF_8)))
                .getString("id");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aLinkNeedsNoTokenAndServesTheSameBytesAndTag() {
        JsonObject links = issue("ann", id, "");
        assertThat(Duration.between(Instant.now(), links.getInstant("expires_at")))
                .isBetween(Duration.ofMinutes(59), Duration.ofMinutes(61));
        JsonObject archive = links.getJsonObject("archive");
        assertThat(archive.getString("filename")).isEqualTo("linked_v1.zip");
        HttpResponse<byte[]> owners = server.get(server.token("ann"), "/api/models/" + id + "/archive");
        HttpResponse<byte[]> linked = open("GET", archive.getString("url"));
        assertThat(linked.statusCode()).isEqualTo(200);
        assertThat(linked.body()).isEqualTo(owners.body());
        assertThat(field(linked, "ETag")).isEqualTo(field(owners, "ETag")).isEqualTo(archive.getString("etag"));
        assertThat(field(linked, "Repr-Digest")).isEqualTo(field(owners, "Repr-Digest"));
        assertThat((long) linked.body().length).isEqualTo(archive.getLong("size"));
        HttpResponse<byte[]> head = open("HEAD", archive.getString("url"));
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(field(head, "Content-Length")).isEqualTo(String.valueOf(linked.body().length));
        for (int i = 0; i < 2; i++) {
            JsonObject file = links.getJsonArray("files").getJsonObject(i);
            HttpResponse<byte[]> served = open("GET", file.getString("url"));
            assertThat(served.statusCode()).isEqualTo(200);
            assertThat((long) served.body().length).isEqualTo(file.getLong("size"));
        }
        HttpResponse<byte[]> part = server.send(
                HttpRequest.newBuilder(server.uri(archive.getString("url"))).header("Range", "bytes=10-"));
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(linked.body(), 10, linked.body().length));
    }

    /** Whoever shares a model has named it; whoever takes it saves it by what the link says. */
    @Test
    void whatALinkIsCalledIsTheNameOfAFile() {
        String renaming =
                models.ofFiles("ann", "renamed", Map.of("model/w.bin", WEIGHTS)).getString("id");
        for (String name : List.of("../../tmp/evil", "a\\b", "é".repeat(255))) {
            JsonObject renamed = json(server.patch(
                            server.token("ann"),
                            "/api/models/" + renaming,
                            new JsonObject().put("name", name).encode()))
                    .getJsonObject("data");
            JsonObject archive = issue("ann", renaming, "").getJsonObject("archive");
            String filename = archive.getString("filename");
            assertThat(filename).doesNotContain("/", "\\").endsWith("_v" + renamed.getInteger("version") + ".zip");
            assertThat(filename.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(255);
            HttpResponse<byte[]> head = open("HEAD", archive.getString("url"));
            assertThat(head.statusCode()).isEqualTo(200);
            assertThat(field(head, "Content-Disposition"))
                    .isEqualTo(ContentDisposition.attachment(filename).toString());
            assertThat(models.detail("ann", renaming).getJsonObject("archive").getString("filename"))
                    .isEqualTo(filename);
        }
    }

    @Test
    void aFreshLinkResumesWhatAnExpiredOneBegan() {
        byte[] whole = server.get(server.token("ann"), "/api/models/" + id + "/archive")
                .body();
        String[] expiring = new String[1];
        List<HttpResponse<byte[]>> begun = new ArrayList<>();
        // A link of a second may be over before it is used once.
        Models.eventually(() -> {
            expiring[0] = issue("ann", id, "{\"expires_in\":1}")
                    .getJsonObject("archive")
                    .getString("url");
            HttpResponse<byte[]> part = range(expiring[0], "bytes=0-9999");
            assertThat(part.statusCode()).isEqualTo(206);
            begun.add(part);
        });
        Models.eventually(() -> assertProblem(open("GET", expiring[0]), 404, GONE));
        JsonObject fresh = issue("ann", id, "").getJsonObject("archive");
        String tag = field(begun.get(0), "ETag");
        assertThat(fresh.getString("etag")).isEqualTo(tag);
        HttpResponse<byte[]> rest = range(fresh.getString("url"), "bytes=10000-", "If-Range", tag);
        assertThat(rest.statusCode()).isEqualTo(206);
        assertThat(field(rest, "ETag")).isEqualTo(tag);
        assertThat(begun.get(0).body()).isEqualTo(Arrays.copyOf(whole, 10_000));
        assertThat(rest.body()).isEqualTo(Arrays.copyOfRange(whole, 10_000, whole.length));
    }

    @Test
    void whatBeganBeforeItsLinkExpiredGoesOnToItsEnd() throws Exception {
        String own = models.ofFiles("big", "big", Map.of("model/w.bin", Models.noise(BIG)))
                .getString("id");
        String[] url = new String[1];
        RawConnection[] held = new RawConnection[1];
        try {
            Models.eventually(() -> {
                url[0] = issue("big", own, "{\"expires_in\":1}")
                        .getJsonArray("files")
                        .getJsonObject(0)
                        .getString("url");
                try {
                    RawConnection connection = RawConnection.to(server);
                    // The body follows the head, as if it were the answer to HEAD.
                    int status =
                            connection.head("GET", "", url[0]).receive("HEAD").status();
                    if (status != 200) {
                        connection.close();
                    }
                    assertThat(status).isEqualTo(200);
                    held[0] = connection;
                } catch (IOException failed) {
                    throw new UncheckedIOException(failed);
                }
            });
            Models.eventually(() -> assertProblem(open("GET", url[0]), 404, GONE));
            held[0].skip(BIG);
        } finally {
            if (held[0] != null) {
                held[0].close();
            }
        }
    }

    @Test
    void aLinkOfSomeFilesHasThoseAlone() {
        JsonObject links = issue("ann", id, "{\"files\":[\"sub/a b.txt\"],\"expires_in\":60}");
        assertThat(unzipped(open("GET", links.getJsonObject("archive").getString("url"))
                        .body()))
                .containsOnlyKeys("sub/a b.txt");
        assertThat(links.getJsonArray("files")).hasSize(1);
        assertThat(issue("ann", id, "{\"files\":[\"w.bin\",\"sub/a b.txt\",\"w.bin\"]}")
                        .getJsonArray("files"))
                .as("once each")
                .hasSize(2);
        for (String missing : new String[] {"\"none\"", "\"w.bin\",\"none\"", "\"sub\""}) {
            assertProblem(
                    server.post(
                            server.token("ann"), "/api/models/" + id + "/download", "{\"files\":[" + missing + "]}"),
                    404,
                    "File not found");
        }
        for (String refused :
                new String[] {"{\"expires_in\":3601}", "{\"expires_in\":0}", "{\"files\":[]}", "{\"files\":1}"}) {
            assertProblem(server.post(server.token("ann"), "/api/models/" + id + "/download", refused), 400);
        }
    }

    @Test
    void aLinkWithAnyCharacterChangedIsNoLink() {
        String url = issue("ann", id, "").getJsonArray("files").getJsonObject(0).getString("url");
        for (int i = "/dl/".length(); i < url.length(); i++) {
            if (url.charAt(i) == '/' || url.charAt(i) == '%') {
                continue;
            }
            char other = url.charAt(i) == 'A' ? 'B' : 'A';
            String changed = url.substring(0, i) + other + url.substring(i + 1);
            assertProblem(open("GET", changed), 404, GONE);
        }
        int slash = url.indexOf('/', 4);
        for (String changed : new String[] {
            url.substring(0, slash) + "=" + url.substring(slash),
            url.substring(0, slash - 1) + url.substring(slash),
            url.substring(0, slash) + "A" + url.substring(slash),
            "/dl/x/w.bin"
        }) {
            assertProblem(open("GET", changed), 404, GONE);
        }
        assertThat(server.send(HttpRequest.newBuilder(server.uri(url)).DELETE()).statusCode())
                .isEqualTo(405);
    }

    @Test
    void anExpiredLinkIsNoLink() {
        String url =
                issue("ann", id, "{\"expires_in\":1}").getJsonObject("archive").getString("url");
        Models.eventually(() -> assertProblem(open("GET", url), 404, GONE));
    }

    @Test
    void aDeletionEndsLinksAndARestoreRevivesNone() {
        String own =
                models.ofFiles("del", "ended", Map.of("model/w.bin", WEIGHTS)).getString("id");
        String url = issue("del", own, "").getJsonObject("archive").getString("url");
        assertThat(open("GET", url).statusCode()).isEqualTo(200);
        server.send(server.request(server.token("del"), "/api/models/" + own).DELETE());
        assertProblem(open("GET", url), 404, GONE);
        server.post(server.token("del"), "/api/models/" + own + "/restore", "");
        assertProblem(open("GET", url), 404, GONE);
        assertThat(open("GET", issue("del", own, "").getJsonObject("archive").getString("url"))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void unsharingEndsTheReadersLinksAndNobodyElses() {
        String own =
                models.ofFiles("sue", "shared", Map.of("model/w.bin", WEIGHTS)).getString("id");
        String share = "/api/models/" + own + "/shares/rob%20b";
        assertThat(put(share)).isEqualTo(201);
        assertThat(put(share)).isEqualTo(200);
        JsonObject told = json(server.get(server.token("rob b"), "/api/notifications"));
        assertThat(told.getJsonArray("notifications").getJsonObject(0).getString("type"))
                .isEqualTo("model.shared");
        assertThat(models.list("rob b", "").getJsonArray("models")).hasSize(1);
        String readers = issue("rob b", own, "").getJsonObject("archive").getString("url");
        String owners = issue("sue", own, "").getJsonObject("archive").getString("url");
        assertThat(open("GET", readers).statusCode()).isEqualTo(200);
        String archive = "/api/models/" + own + "/archive";
        assertThat(server.get(server.token("rob b"), archive).body())
                .isEqualTo(open("GET", readers).body());
        Models.eventually(() -> assertThat(json(server.get(server.token("rob b"), "/api/downloads"))
                        .getJsonArray("downloads"))
                .as("in the history of who downloaded")
                .extracting(download -> ((JsonObject) download).getString("resource"))
                .contains(own));
        assertThat(json(server.get(server.token("sue"), "/api/downloads")).getJsonArray("downloads"))
                .isEmpty();
        assertThat(server.send(server.request(server.token("sue"), share).DELETE())
                        .statusCode())
                .isEqualTo(200);
        assertProblem(open("GET", readers), 404, GONE);
        assertThat(open("GET", owners).statusCode()).isEqualTo(200);
        assertProblem(server.get(server.token("rob b"), "/api/models/" + own), 404, "Model not found");
        assertProblem(server.get(server.token("rob b"), archive), 404, "Model not found");
        assertThat(json(server.get(server.token("rob b"), "/api/notifications")).getJsonArray("notifications"))
                .isEmpty();
        assertThat(put(share)).isEqualTo(201);
        assertProblem(open("GET", readers), 404, GONE);
        assertThat(server.send(server.request(server.token("sue"), "/api/models/" + own + "/shares/nobody")
                                .DELETE())
                        .statusCode())
                .isEqualTo(404);
        assertProblem(
                server.send(server.request(server.token("sue"), "/api/models/" + own + "/shares/sue")
                        .PUT(HttpRequest.BodyPublishers.noBody())),
                400);
    }

    @Test
    void aria2cTakesTheMetalinkAndVerifiesIt(@TempDir Path directory) throws Exception {
        ExternalTool aria = new ExternalTool("aria2c");
        HttpResponse<byte[]> metalink = server.get(server.token("ann"), "/api/models/" + id + "/model.meta4");
        assertThat(field(metalink, "Content-Type")).isEqualTo("application/metalink4+xml");
        Path file = Files.write(directory.resolve("model.meta4"), metalink.body());
        aria.run(directory, "-q", "--no-conf", "--check-integrity=true", file).succeeded();
        assertThat(Files.readAllBytes(directory.resolve("w.bin"))).isEqualTo(WEIGHTS);
        assertThat(directory.resolve("sub/a b.txt")).exists();

        String wrong = new String(metalink.body(), StandardCharsets.UTF_8)
                .replaceAll("(?<=sha-256\">)[0-9a-f]{64}", "0".repeat(64));
        Path other = Files.createDirectory(directory.resolve("other"));
        Path corrupt = Files.writeString(other.resolve("model.meta4"), wrong);
        assertThat(aria.run(other, "-q", "--no-conf", corrupt).exit())
                .as("aria2c compares the digests")
                .isNotZero();
    }

    private static int put(String share) {
        return server.send(server.request(server.token("sue"), share).PUT(HttpRequest.BodyPublishers.noBody()))
                .statusCode();
    }

    private static JsonObject issue(String owner, String model, String body) {
        HttpResponse<byte[]> response = server.post(server.token(owner), "/api/models/" + model + "/download", body);
        Models.expect(200, response);
        return json(response).getJsonObject("data");
    }

    private static HttpResponse<byte[]> range(String path, String range, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.uri(path)).header("Range", range);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return server.send(request);
    }

    private static HttpResponse<byte[]> open(String method, String path) {
        return server.send(
                HttpRequest.newBuilder(server.uri(path)).method(method, HttpRequest.BodyPublishers.noBody()));
    }
}
