package dev.sluice.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.access.Scope;
import dev.sluice.database.Actor;
import dev.sluice.database.TestDatabase;
import dev.sluice.ingest.ScriptedUpstream;
import dev.sluice.ingest.SmallDisk;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two servers on one volume that fetch from elsewhere, one of which is killed; and a disk that is full. */
@Tag("faults")
@ExtendWith(Leaks.class)
class IngestFaultsTest extends ProcessFixture {
    private static final String TAG = "\"v1\"";

    private static final byte[] CONTENT = new byte[48 << 20];
    private static final int PART = 40 << 20;

    private ScriptedUpstream upstream;

    @BeforeEach
    void openUpstream() {
        new Random(1).nextBytes(CONTENT);
        upstream = new ScriptedUpstream((request, reply) -> {
            if (request.number() == 1) {
                reply.head(200, "ETag", TAG, "Content-Length", Integer.toString(CONTENT.length))
                        .body(CONTENT, 0, PART);
                reply.hang();
            } else {
                reply.good(request, CONTENT, TAG);
            }
        });
    }

    @AfterEach
    void closeUpstream() {
        upstream.close();
    }

    private ServerProcess fetching() throws IOException {
        Path catalog = Files.writeString(directory.resolve("catalog.yaml"), """
                models:
                  - {id: model, name: Model, file_name: m.gguf, url: "%s", sha256: %s}
                  - {id: endless, name: Endless, file_name: e.gguf, url: "%s", sha256: %s}
                """.formatted(
                        upstream.url("/model"), BlobFiles.sha256(CONTENT), upstream.url("/endless"), "f".repeat(64)));
        return ServerProcess.start(
                data,
                database,
                Map.of(
                        "SLUICE_INGEST_ALLOWED_HOSTS",
                        "127.0.0.1:" + upstream.port(),
                        "SLUICE_INGEST_POLL_INTERVAL",
                        "200ms",
                        // Nothing here is about stalls: a machine that stands still for a minute must not make one.
                        "SLUICE_INGEST_STALL_TIMEOUT",
                        "10m",
                        "SLUICE_CATALOG_FILE",
                        catalog.toString()));
    }

    @Test
    void aServerThatIsKilledAmidAnArtifactIsTakenOverFromWhatWasDurable() throws Exception {
        try (ServerProcess first = fetching()) {
            registerArtifact(first);
            first.complete("job");
            long durable = awaitDurable();
            try (ServerProcess second = fetching()) {
                assertThat(upstream.requests()).as("one of them fetches").hasSize(1);
                first.kill();
                sql("update jobs set publish_lease_until = now() where publish_lease_until is not null");
                String model = second.published("alice", "job");
                assertThat(second.get("/api/models/" + model + "/SHA256SUMS", "alice")
                                .body())
                        .asString(StandardCharsets.UTF_8)
                        .isEqualTo(BlobFiles.sha256(CONTENT) + "  w.bin\n");
            }
            assertResumedFrom(durable);
        }
        new BlobFiles(data, database).agreeWithTheirRows();
        assertThat(left()).isEmpty();
    }

    @Test
    void aServerThatIsKilledAmidACatalogModelIsTakenOverFromWhatWasDurable() throws Exception {
        try (ServerProcess first = fetching()) {
            assertThat(download(first, "model").statusCode()).isEqualTo(202);
            long durable = awaitDurable();
            try (ServerProcess second = fetching()) {
                assertThat(upstream.requests()).as("one of them fetches").hasSize(1);
                first.kill();
                sql("update catalog_downloads set lease_until = now()");
                assertThat(ended(second, "model").getString("status")).isEqualTo("completed");
                assertThat(BlobFiles.sha256(
                                second.get("/api/catalog/model/file", "bob").body()))
                        .isEqualTo(BlobFiles.sha256(CONTENT));
            }
            assertResumedFrom(durable);
        }
        assertThat(left()).isEmpty();
    }

    /** Of 96 MiB the fetcher leaves 64 free. */
    @Test
    void aFullDiskFailsAFetchBeforeItsFirstByteOrAmidItWithAReasonAndServesOn() throws Exception {
        upstream.script((request, reply) -> {
            if (request.path().equals("/endless")) {
                reply.head(200, "Transfer-Encoding", "chunked");
                while (true) {
                    reply.text(Integer.toHexString(1 << 20) + "\r\n")
                            .body(CONTENT, 0, 1 << 20)
                            .text("\r\n");
                }
            }
            reply.good(request, CONTENT, TAG);
        });
        SmallDisk disk = SmallDisk.mount(data, 96 << 20);
        try (ServerProcess server = fetching()) {
            for (String model : List.of("model", "endless")) {
                assertThat(download(server, model).statusCode()).isEqualTo(202);
                JsonObject end = ended(server, model);
                assertThat(end.getString("status")).as(model).isEqualTo("failed");
                assertThat(end.getString("error")).as(model).isEqualTo("There is no space left for the file");
            }
            registerArtifact(server);
            server.complete("job");
            Awaiting.until(
                    "the job says why",
                    () -> json(server.get("/api/training/jobs/job", "alice")).getString("error") != null);
            assertThat(json(server.get("/api/training/jobs/job", "alice")).getString("error"))
                    .contains("w.bin")
                    .contains("There is no space left for the file");
            assertThat(left()).isEmpty();
            assertThat(server.put(SMALL, new byte[1 << 20]).statusCode()).isEqualTo(201);
            assertThat(server.get(SMALL, "alice").body()).hasSize(1 << 20);
        } finally {
            disk.close();
        }
    }

    private void registerArtifact(ServerProcess server) throws IOException {
        String job =
                "{\"job_id\":\"job\",\"owner\":\"alice\",\"name\":\"job\",\"artifact_urls\":[{\"path\":\"w.bin\",\"url\":\""
                        + upstream.url("/w") + "\",\"sha256\":\"" + BlobFiles.sha256(CONTENT) + "\"}]}";
        HttpResponse<byte[]> registered = server.send(server.request("/api/training/jobs", "trainer", Scope.INGEST)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(job)));
        assertThat(registered.statusCode()).isEqualTo(201);
    }

    private static HttpResponse<byte[]> download(ServerProcess server, String model) throws IOException {
        return server.send(server.request("/api/catalog/" + model + "/download", "root", Scope.ADMIN)
                .POST(HttpRequest.BodyPublishers.noBody()));
    }

    private static JsonObject ended(ServerProcess server, String model) throws IOException {
        String path = "/api/catalog/" + model + "/progress";
        Set<String> open = Set.of("queued", "downloading", "verifying");
        Awaiting.until(
                model + " has ended",
                () -> !open.contains(json(server.get(path, "bob")).getString("status")));
        return json(server.get(path, "bob"));
    }

    private static JsonObject json(HttpResponse<byte[]> response) {
        return new JsonObject(Buffer.buffer(response.body()));
    }

    /** Bytes that the record of the unfinished file counts, once there are so many that of what came no more are made durable. */
    private long awaitDurable() {
        long[] durable = new long[1];
        Awaiting.until("a checkpoint", () -> {
            List<Path> records = left().stream()
                    .filter(file -> file.toString().endsWith(".json"))
                    .toList();
            if (records.isEmpty()) {
                return false;
            }
            durable[0] = new JsonObject(Files.readString(records.get(0)))
                    .getJsonArray("segments")
                    .getJsonArray(0)
                    .getLong(1);
            return durable[0] > PART / 2;
        });
        return durable[0];
    }

    private void assertResumedFrom(long durable) {
        assertThat(durable).isLessThanOrEqualTo(PART);
        assertThat(upstream.requests()).hasSize(2);
        assertThat(upstream.requests().get(1).header("Range"))
                .isEqualTo("bytes=" + durable + "-" + (CONTENT.length - 1));
        assertThat(upstream.requests().get(1).header("If-Range")).isEqualTo(TAG);
    }

    private List<Path> left() throws IOException {
        try (Stream<Path> files = Files.list(data.resolve("ingest"))) {
            return files.filter(file -> !file.getFileName().toString().equals("locks"))
                    .toList();
        } catch (NoSuchFileException notYet) {
            return List.of();
        }
    }

    /** As time does. */
    private void sql(String sql) {
        TestDatabase.await(database.database()
                .as(new Actor.Background(), connection -> connection.query(sql).execute()));
    }
}
