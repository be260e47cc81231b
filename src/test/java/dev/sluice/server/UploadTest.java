package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static dev.sluice.server.Responses.field;
import static dev.sluice.server.Responses.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UploadTest {
    private static final byte[] CONTENT = "the weights of a model".getBytes(StandardCharsets.UTF_8);

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
        server.register("alice", "job");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aNewFileIsCreatedWhereItsLocationSaysAndThenReplaced() {
        HttpResponse<byte[]> created = put("model/new.bin", CONTENT);
        assertThat(created.statusCode()).isEqualTo(201);
        assertThat(get(field(created, "Location")).body()).isEqualTo(CONTENT);

        HttpResponse<byte[]> replaced = put("model/new.bin", new byte[7]);
        assertThat(replaced.statusCode()).isEqualTo(204);
        assertThat(replaced.body()).isEmpty();
        assertThat(file("model/new.bin").body()).isEqualTo(new byte[7]);
    }

    @Test
    void anEmptyFileIsAFile() {
        assertThat(put("model/__init__.py", new byte[0]).statusCode()).isEqualTo(201);
        HttpResponse<byte[]> read = file("model/__init__.py");
        assertThat(read.statusCode()).isEqualTo(200);
        assertThat(read.body()).isEmpty();
        assertProblem(
                get("/api/training/job/files/model/__init__.py", "Range", "bytes=0-", "If-Match", field(read, "ETag")),
                416);
    }

    @Test
    void aPathIsNoDeeperThanListsAndArchivesGo() {
        server.register("alice", "deep");
        String files = "/api/training/deep/files";
        String deepest = "d/".repeat(63) + "file";
        assertThat(server.put(server.trainer(), files + "/" + deepest, CONTENT).statusCode())
                .isEqualTo(201);
        assertProblem(server.put(server.trainer(), files + "/d/" + deepest, CONTENT), 400);
        HttpResponse<byte[]> list = get(files);
        assertThat(list.statusCode()).isEqualTo(200);
        assertThat(new String(list.body(), StandardCharsets.UTF_8)).contains(deepest);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Digest", "Repr-Digest"})
    void aDigestThatIsKeptIsTakenAndOneThatIsNotLeavesTheOldFile(String field) {
        String path = "model/" + field;
        assertThat(put(path, CONTENT, field, "sha-256=:" + sha256(CONTENT) + ":")
                        .statusCode())
                .isEqualTo(201);
        JsonObject problem = assertProblem(put(path, new byte[9], field, "sha-256=:" + sha256(CONTENT) + ":"), 400);
        assertThat(problem.getString("detail")).isEqualTo("The content does not match its sha-256 digest");
        assertThat(file(path).body()).isEqualTo(CONTENT);
        assertProblem(put(path + "-2", new byte[9], field, "sha-256=:" + sha256(CONTENT) + ":"), 400);
        assertThat(file(path + "-2").statusCode()).isEqualTo(404);
    }

    @Test
    void allDigestsHaveToBeKept() {
        String good = "sha-256=:" + sha256(CONTENT) + ":";
        String sha512 = "sha-512=:" + digest("SHA-512", CONTENT) + ":";
        assertThat(put("model/both", CONTENT, "Repr-Digest", good + ", " + sha512)
                        .statusCode())
                .isEqualTo(201);
        String bad = "sha-512=:" + digest("SHA-512", new byte[1]) + ":";
        assertProblem(put("model/one", CONTENT, "Repr-Digest", good + ", " + bad), 400);
        assertProblem(put("model/one", CONTENT, "Repr-Digest", good, "Content-Digest", bad), 400);
        assertThat(put("model/legacy", CONTENT, "Digest", "SHA-256=" + sha256(CONTENT))
                        .statusCode())
                .isEqualTo(201);
        assertProblem(put("model/one", new byte[1], "Digest", "SHA-256=" + sha256(CONTENT)), 400);
        assertThat(file("model/one").statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sha-256=:short:", "sha-256=abc", "sha-256=:!!:", "=", "sha-256=:AAAA:;;"})
    void aDigestThatCannotBeReadIsRefused(String digest) {
        assertProblem(put("model/unread", CONTENT, "Content-Digest", digest), 400);
        assertThat(file("model/unread").statusCode()).isEqualTo(404);
    }

    @Test
    void aFileOfAnyStatusMayBeReplacedAndItsDownloadChanges() {
        server.completed("alice", "done", java.util.Map.of("model/a.bin", CONTENT));
        HttpResponse<byte[]> before = get("/api/training/done/download/model");
        assertThat(server.put(server.trainer(), "/api/training/done/files/model/a.bin", new byte[5])
                        .statusCode())
                .isEqualTo(204);
        HttpResponse<byte[]> after = get("/api/training/done/download/model");
        assertThat(Responses.unzipped(after.body()).get("a.bin")).isEqualTo(new byte[5]);
        assertThat(field(after, "ETag")).isNotEqualTo(field(before, "ETag"));
    }

    @Test
    void anUploadToAJobThatIsNotThereIsNotFound() {
        assertProblem(server.put(server.trainer(), "/api/training/none/files/a", CONTENT), 404, "Job not found");
        assertThat(server.workspace().resolve("none")).doesNotExist();
    }

    @Test
    void aFileIsInTheWayOfADirectoryAndTheOtherWayRound() {
        put("model/way", CONTENT);
        put("model/dir/a", CONTENT);
        String conflict = "A file or directory is in the way of this path";
        assertProblem(put("model/way/a", CONTENT), 409, conflict);
        assertProblem(put("model/dir", CONTENT), 409, conflict);
        assertThat(file("model/way").body()).isEqualTo(CONTENT);
        assertThat(file("model/dir/a").body()).isEqualTo(CONTENT);
    }

    @Test
    void theListNamesTheUploadedContentByItsDigest() {
        put("model/listed", CONTENT);
        JsonObject listed = json(get("/api/training/job/files")).getJsonArray("files").stream()
                .map(JsonObject.class::cast)
                .filter(file -> file.getString("path").equals("model/listed"))
                .findFirst()
                .orElseThrow();
        assertThat(listed.getString("sha256"))
                .isEqualTo(HexFormat.of().formatHex(Base64.getDecoder().decode(sha256(CONTENT))));
        assertThat(get(listed.getString("url")).body()).isEqualTo(CONTENT);
    }

    @Test
    void ofUploadsAtOnceOneIsThereWholeAtAnyTime() {
        byte[] ones = new byte[1 << 20];
        Arrays.fill(ones, (byte) 1);
        byte[] twos = new byte[(1 << 20) + 4097];
        Arrays.fill(twos, (byte) 2);
        assertThat(put("model/raced", ones).statusCode()).isEqualTo(201);
        for (int round = 0; round < 8; round++) {
            CompletableFuture<Integer> one =
                    CompletableFuture.supplyAsync(() -> put("model/raced", ones).statusCode());
            CompletableFuture<Integer> other =
                    CompletableFuture.supplyAsync(() -> put("model/raced", twos).statusCode());
            assertThat(one.join()).isIn(201, 204, 503);
            assertThat(other.join()).isIn(201, 204, 503);
            byte[] winner = file("model/raced").body();
            assertThat(Arrays.equals(winner, ones) || Arrays.equals(winner, twos))
                    .as("one of the two, whole")
                    .isTrue();
        }
    }

    @Test
    void aRealModelComesBackByteByByteInAZip() throws IOException {
        byte[] onnx = resource("/all-minilm-l6-v2-q.onnx");
        byte[] tokenizer = resource("/all-minilm-l6-v2-q-tokenizer.json");
        server.register("alice", "minilm");
        for (Object[] file : new Object[][] {{"model.onnx", onnx}, {"tokenizer.json", tokenizer}}) {
            byte[] content = (byte[]) file[1];
            assertThat(server.put(
                                    server.trainer(),
                                    "/api/training/minilm/files/model/" + file[0],
                                    content,
                                    "Content-Digest",
                                    "sha-256=:" + sha256(content) + ":")
                            .statusCode())
                    .isEqualTo(201);
        }
        byte[] zip = get("/api/training/minilm/download/model").body();
        assertThat(Responses.unzipped(zip)).containsOnlyKeys("model.onnx", "tokenizer.json");
        assertThat(Responses.unzipped(zip).get("model.onnx")).isEqualTo(onnx);
        assertThat(Responses.unzipped(zip).get("tokenizer.json")).isEqualTo(tokenizer);
        ZipArchiveEntry text = Responses.entry(zip, "tokenizer.json");
        assertThat(text.getMethod()).isEqualTo(ZipArchiveEntry.DEFLATED);
        assertThat(text.getCompressedSize()).isLessThan(tokenizer.length / 2);
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream resource = UploadTest.class.getResourceAsStream(name)) {
            return resource.readAllBytes();
        }
    }

    private static HttpResponse<byte[]> put(String path, byte[] content, String... headers) {
        return server.put(server.trainer(), "/api/training/job/files/" + path, content, headers);
    }

    private static HttpResponse<byte[]> file(String path) {
        return get("/api/training/job/files/" + path);
    }

    private static HttpResponse<byte[]> get(String path, String... headers) {
        return server.get(server.token("alice"), path, headers);
    }

    private static String sha256(byte[] content) {
        return digest("SHA-256", content);
    }

    private static String digest(String algorithm, byte[] content) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance(algorithm).digest(content));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
