package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static dev.sluice.server.Responses.field;
import static dev.sluice.server.Responses.json;
import static dev.sluice.server.Responses.unzipped;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.access.Scope;
import dev.sluice.config.Settings;
import dev.sluice.ingest.ScriptedUpstream;
import dev.sluice.storage.s3.FaultyS3;
import dev.sluice.storage.s3.TestS3;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A whole server whose published files are in a bucket, beside one that keeps them in files. */
class S3StorageTest {
    private static final byte[] WEIGHTS = Models.noise(3_000_000);
    private static final byte[] TEXT = "a line of a log\n".repeat(60_000).getBytes(UTF_8);

    @TempDir
    static Path directory;

    private static ScriptedUpstream upstream;
    private static TestS3 s3;
    private static FaultyS3 line;
    private static TestS3.Bucket bucket;
    private static TestServer server;
    private static TestServer local;
    private static String model;
    private static String twin;

    @BeforeAll
    static void start() throws IOException {
        s3 = TestS3.start();
        line = new FaultyS3(s3);
        bucket = s3.bucket();
        upstream = new ScriptedUpstream((request, reply) -> reply.good(request, WEIGHTS, "\"v1\""));
        Path catalog = Files.writeString(
                directory.resolve("catalog.yaml"),
                "models:\n  - {id: base, name: Base, file_name: base.gguf, size: 3MB, url: \"" + upstream.url("/base")
                        + "\"}\n");
        server = onS3().with("catalog.file", catalog.toString())
                .with("ingest.allowed-hosts", "127.0.0.1:" + upstream.port())
                .start();
        local = TestServer.start();
        model = publish(server);
        twin = publish(local);
    }

    private static TestServer.Builder onS3() {
        TestServer.Builder builder = TestServer.builder();
        settings().forEach(builder::with);
        return builder;
    }

    private static Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("storage", "s3");
        settings.put("s3.endpoint", line.endpoint().toString());
        settings.put("s3.bucket", bucket.name());
        settings.put("s3.access-key", TestS3.ACCESS_KEY);
        settings.put("s3.secret-key", TestS3.SECRET_KEY);
        return settings;
    }

    @AfterAll
    static void stop() {
        server.close();
        local.close();
        upstream.close();
        assertThat(bucket.uploads()).isEmpty();
        line.close();
        s3.close();
    }

    @AfterEach
    void repair() {
        line.repair();
    }

    /** The same files, at the same times, wherever. */
    private static String publish(TestServer where) throws IOException {
        where.register("ann", "job");
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("weights.bin", WEIGHTS);
        files.put("notes.txt", TEXT);
        files.put("empty", new byte[0]);
        for (int i = 0; i < 30; i++) {
            files.put("shards/" + i, Models.noise(100 + i));
        }
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Files.setLastModifiedTime(
                    where.write("job", "model/" + file.getKey(), file.getValue()),
                    FileTime.from(Instant.parse("2024-05-06T07:08:09Z")));
        }
        Models models = new Models(where);
        models.run("job");
        models.complete("job");
        return models.published("ann", "job").getString("id");
    }

    private static HttpResponse<byte[]> get(String path, String... headers) {
        return server.get(server.token("ann"), "/api/models/" + model + path, headers);
    }

    private static HttpResponse<byte[]> getTwin(String path) {
        return local.get(local.token("ann"), "/api/models/" + twin + path);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/archive", "/archive?format=tar", "/files/weights.bin", "/files/empty", "/files/shards/7"})
    void bytesAndTagAreThoseOfTheOtherStore(String path) {
        HttpResponse<byte[]> got = get(path);
        HttpResponse<byte[]> other = getTwin(path);
        assertThat(got.statusCode()).isEqualTo(200);
        assertThat(got.body()).isEqualTo(other.body());
        for (String field : new String[] {"ETag", "Content-Length", "Last-Modified", "Content-Disposition"}) {
            assertThat(field(got, field)).as(field).isEqualTo(field(other, field));
        }
        assertThat(got.headers().firstValue("Repr-Digest"))
                .isEqualTo(other.headers().firstValue("Repr-Digest"));
    }

    @Test
    void aZipResumesAtAnyByte() {
        HttpResponse<byte[]> whole = get("/archive");
        byte[] zip = whole.body();
        assertThat(unzipped(zip).get("notes.txt")).isEqualTo(TEXT);
        Random random = new Random(8);
        for (int i = 0; i < 25; i++) {
            int from = random.nextInt(i < 15 ? zip.length : 20_000);
            HttpResponse<byte[]> rest =
                    get("/archive", "Range", "bytes=" + from + "-", "If-Range", field(whole, "ETag"));
            assertThat(rest.statusCode()).isEqualTo(206);
            assertThat(rest.body()).as("from %d", from).isEqualTo(Arrays.copyOfRange(zip, from, zip.length));
        }
        assertThat(get("/archive", "Range", "bytes=-70000").body())
                .isEqualTo(Arrays.copyOfRange(zip, zip.length - 70_000, zip.length));
    }

    @Test
    void aLiveZipTakesItsDeflatedCopiesFromTheStore() {
        String path = "/api/training/job/download/model";
        HttpResponse<byte[]> got = server.get(server.token("ann"), path);
        assertThat(got.statusCode()).isEqualTo(200);
        assertThat(got.body().length).isLessThan(WEIGHTS.length + TEXT.length / 2);
        assertThat(unzipped(got.body()).get("notes.txt")).isEqualTo(TEXT);
        assertThat(unzipped(got.body()).get("weights.bin")).isEqualTo(WEIGHTS);
    }

    @Test
    void aStoreThatBreaksOffIsGoneOnWithUnseenByTheClient() {
        line.failRead(new FaultyS3.Cut(100_000));
        line.failRead(new FaultyS3.Status(500));
        line.failRead(new FaultyS3.Cut(700_000));
        assertThat(get("/files/weights.bin").body()).isEqualTo(WEIGHTS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/files/weights.bin", "/files/shards/7", "/archive", "/archive?include=shards/*"})
    void aStoreThatDoesNotAnswerIsAProblemBeforeTheHead(String path) {
        line.fail(FaultyS3.isRead(), new FaultyS3.Status(503), 1_000);
        HttpResponse<byte[]> refused = get(path);
        assertProblem(refused, 503, "The stored content cannot be reached at the moment");
        assertThat(field(refused, "Retry-After")).isNotEmpty();
        line.repair();
        assertThat(get(path).statusCode()).isEqualTo(200);
    }

    @Test
    void aStoreThatFailsUnderTheBodyResetsTheConnectionAndTheContentStays() {
        line.fail(FaultyS3.isRead(), new FaultyS3.Cut(1_000_000), 1);
        line.fail(FaultyS3.isRead(), new FaultyS3.Status(503), 1_000);
        assertThatThrownBy(() -> get("/files/weights.bin")).isInstanceOf(UncheckedIOException.class);
        line.repair();
        assertThat(get("/files/weights.bin").body()).isEqualTo(WEIGHTS);
    }

    @Test
    void contentThatChangesUnderTheBodyResetsTheConnection() {
        line.failRead(new FaultyS3.Cut(1_000_000));
        line.failRead(new FaultyS3.OtherTag());
        assertThatThrownBy(() -> get("/files/weights.bin")).isInstanceOf(UncheckedIOException.class);
        assertThat(get("/files/weights.bin").body()).isEqualTo(WEIGHTS);
    }

    @Test
    void modelsOfTheCatalogAreKeptInTheBucketToo() {
        String admin = server.token("root", Scope.ADMIN);
        Models.expect(202, server.post(admin, "/api/catalog/base/download", "{}"));
        Models.eventually(() -> assertThat(
                        json(server.get(admin, "/api/catalog/base/progress")).getString("status"))
                .isEqualTo("completed"));
        assertThat(bucket.keys()).filteredOn(key -> key.startsWith("catalog/")).hasSize(1);
        assertThat(server.get(admin, "/api/catalog/base/file").body()).isEqualTo(WEIGHTS);
        assertThat(server.get(admin, "/api/catalog/base/file", "Range", "bytes=2999990-")
                        .body())
                .isEqualTo(Arrays.copyOfRange(WEIGHTS, 2_999_990, WEIGHTS.length));
        assertThat(json(server.post(admin, "/api/catalog/base/verify", "{}")).getBoolean("valid"))
                .isTrue();
        HttpResponse<byte[]> deleted =
                server.send(server.request(admin, "/api/catalog/base").DELETE());
        assertThat(deleted.statusCode()).isBetween(200, 204);
        Models.eventually(() -> assertThat(bucket.keys()).noneMatch(key -> key.startsWith("catalog/")));
    }

    @Test
    void upkeepWorksOnTheBucket() throws Exception {
        Map<String, String> settings = new LinkedHashMap<>(settings());
        settings.put("data.dir", server.workspace().resolveSibling("").toString());
        settings.put("database.url", server.database().url());
        ServerConfig config =
                ServerConfig.from(Settings.read(Optional.empty(), Map.of(), settings), ServerConfig.Mode.TOOL);
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        StorageCommands commands = new StorageCommands(new PrintStream(output, true, UTF_8));
        long stored = blobs();
        commands.scrub(config);
        assertThat(output.toString(UTF_8)).contains(stored + " blobs and", "0 are bad");
        commands.collect(config);
        assertThat(output.toString(UTF_8)).contains("0 blobs were deleted");
        assertThat(blobs()).isEqualTo(stored);
    }

    private static long blobs() {
        return bucket.keys().stream().filter(key -> key.startsWith("blobs/")).count();
    }

    @Test
    void aSingleFileCanBeGotFromTheStoreItself() throws Exception {
        try (TestServer redirecting =
                onS3().with("delivery.redirect", "presigned").start()) {
            String id = publish(redirecting);
            String token = redirecting.token("ann");
            String file = "/api/models/" + id + "/files/weights.bin";
            HttpResponse<byte[]> sentOn = redirecting.get(token, file);
            DocumentedApi api = DocumentedApi.of(redirecting);
            api.check("GET /api/models/{id}/files/{path}", 307, DocumentedApi.Answer.of(sentOn));
            assertThat(api.faults()).isEmpty();
            assertThat(field(sentOn, "Cache-Control")).contains("no-store");
            assertThat(sentOn.body()).isEmpty();
            Models.eventually(
                    () -> assertThat(json(redirecting.get(token, "/api/audit")).toString())
                            .contains("published.download.redirected"));
            Models.eventually(() -> assertThat(
                            json(redirecting.get(token, "/api/downloads")).toString())
                    .contains("\"redirected\""));
            HttpResponse<byte[]> got = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(field(sentOn, "Location")))
                                    .header("Range", "bytes=1000000-")
                                    .build(),
                            HttpResponse.BodyHandlers.ofByteArray());
            assertThat(got.statusCode()).isEqualTo(206);
            assertThat(got.body()).isEqualTo(Arrays.copyOfRange(WEIGHTS, 1_000_000, WEIGHTS.length));
            assertThat(field(got, "Content-Disposition")).contains("filename=\"weights.bin\"");

            // Only what the store can answer alike, and only to whom it belongs.
            HttpResponse<byte[]> head = redirecting.head(token, file);
            assertThat(head.statusCode()).isEqualTo(200);
            assertThat(redirecting
                            .get(token, file, "If-None-Match", field(head, "ETag"))
                            .statusCode())
                    .isEqualTo(304);
            assertThat(redirecting
                            .get(token, file, "Range", "bytes=5-", "If-Range", field(head, "ETag"))
                            .statusCode())
                    .isEqualTo(206);
            assertThat(redirecting.get(token, "/api/models/" + id + "/archive").statusCode())
                    .isEqualTo(200);
            assertThat(redirecting.get(redirecting.token("bob"), file).statusCode())
                    .isEqualTo(404);
        }
    }
}
