package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static dev.sluice.server.Responses.json;
import static dev.sluice.server.Responses.unzipped;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpResponse;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A trainer that writes whatever a file system can hold into its job makes nothing from outside of it readable. */
class ContainmentTest {
    private static final byte[] OWN = "own".getBytes(StandardCharsets.UTF_8);

    private static TestServer server;
    private static Path job;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.start();
        server.completed("bob", "his", java.util.Map.of("model/secret.txt", "secret".getBytes(StandardCharsets.UTF_8)));
        server.completed("alice", "hers", java.util.Map.of("model/own.txt", OWN, "models/own.pkl", OWN));
        job = server.workspace().resolve("hers");
        Path secret = server.workspace().resolve("his/model/secret.txt");
        link("model/absolute.txt", secret);
        link("model/relative.txt", Path.of("../../his/model/secret.txt"));
        link("model/inside.txt", Path.of("own.txt"));
        link("model/passwd", Path.of("/etc/passwd"));
        link("model/dangling", Path.of("nothing"));
        link("model/loop", Path.of("loop"));
        link("model/directory", server.workspace().resolve("his/model"));
        link("model/up", Path.of(".."));
        link("models/evil.pkl", secret);
        link("models/leaderboard.csv", secret);
        link("training.log", secret);
        link("progress.json", secret);
        Files.createLink(job.resolve("model/hard.txt"), job.resolve("model/own.txt"));
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(job.resolve("model/socket")));
        }
        fifo(job.resolve("model/fifo"));
        server.register("alice", "linked");
        Files.createSymbolicLink(
                server.workspace().resolve("linked"), server.workspace().resolve("his"));
        server.register("alice", "model-linked");
        Files.createDirectories(server.workspace().resolve("model-linked"));
        Files.createSymbolicLink(
                server.workspace().resolve("model-linked/model"),
                server.workspace().resolve("his/model"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static void link(String path, Path target) throws IOException {
        Files.createSymbolicLink(job.resolve(path), target);
    }

    private static void fifo(Path path) throws IOException {
        try {
            assertThat(new ProcessBuilder("mkfifo", path.toString()).start().waitFor())
                    .isZero();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    @Test
    void archivesHoldRegularFilesOnly() {
        assertThat(unzipped(get("/api/training/hers/download/model").body())).containsOnlyKeys("hard.txt", "own.txt");
        assertThat(unzipped(get("/ml/download-all-models/hers").body())).containsOnlyKeys("own.pkl");
        assertThat(Responses.untarred(
                        get("/api/training/hers/download/model?format=tar").body()))
                .containsOnlyKeys("hard.txt", "own.txt");
    }

    @Test
    void theListHoldsRegularFilesOnly() {
        List<String> listed = json(get("/api/training/hers/files")).getJsonArray("files").stream()
                .map(file -> ((JsonObject) file).getString("path"))
                .toList();
        assertThat(listed).containsExactlyInAnyOrder("model/hard.txt", "model/own.txt", "models/own.pkl");
        assertThat(json(get("/api/training/hers/checkpoints")).getJsonArray("checkpoints"))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "model/absolute.txt",
                "model/relative.txt",
                "model/inside.txt",
                "model/passwd",
                "model/dangling",
                "model/loop",
                "model/directory",
                "model/directory/secret.txt",
                "model/up",
                "model/up/model/own.txt",
                "model/up/training.log",
                "model/socket",
                "model/fifo",
                "training.log"
            })
    void whatIsNoRegularFileOfTheJobIsNotFound(String path) {
        assertProblem(get("/api/training/hers/files/" + path), 404, "File not found");
    }

    @Test
    void aFileWithTwoNamesIsServedUnderBoth() {
        assertThat(get("/api/training/hers/files/model/hard.txt").body()).isEqualTo(OWN);
    }

    @Test
    void linksAreNoLogsNoModelsAndNoCheckpoints() {
        assertProblem(get("/api/training/hers/download/logs"), 404, "Training log not found for job hers");
        assertProblem(get("/ml/download-model/hers/evil"), 404, "Model not found");
        assertProblem(get("/ml/download-leaderboard/hers"), 404);
        assertProblem(get("/api/training/hers/leaderboard"), 404);
        for (String link : new String[] {"directory", "up", "dangling", "loop"}) {
            assertProblem(
                    get("/api/training/hers/download/model?checkpoint=" + link),
                    404,
                    "Checkpoint '" + link + "' not found");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"linked", "model-linked"})
    void aLinkOnTheWayIsNotFollowed(String linked) {
        assertProblem(
                get("/api/training/" + linked + "/download/model"), 404, "Model directory not found for job " + linked);
        assertProblem(get("/api/training/" + linked + "/files/model/secret.txt"), 404, "File not found");
        assertThat(json(get("/api/training/" + linked + "/files")).getJsonArray("files"))
                .isEmpty();
    }

    @Test
    void anUploadWritesThroughNoLink() throws IOException {
        Path secret = server.workspace().resolve("his/model/secret.txt");
        for (String path : new String[] {
            "hers/files/model/directory/secret.txt", "hers/files/model/directory/new.txt",
            "linked/files/model/secret.txt", "model-linked/files/model/secret.txt"
        }) {
            assertProblem(server.put(server.trainer(), "/api/training/" + path, OWN), 409);
        }
        assertThat(server.put(server.trainer(), "/api/training/hers/files/model/replaced", OWN)
                        .statusCode())
                .isEqualTo(201);
        Files.delete(job.resolve("model/replaced"));
        link("model/replaced", secret);
        assertThat(server.put(server.trainer(), "/api/training/hers/files/model/replaced", OWN)
                        .statusCode())
                .isIn(201, 204, 409);
        Files.delete(job.resolve("model/replaced"));
        assertThat(secret).hasContent("secret");
        assertThat(secret.resolveSibling("new.txt")).doesNotExist();
    }

    private static HttpResponse<byte[]> get(String path) {
        return server.get(server.token("alice"), path);
    }
}
