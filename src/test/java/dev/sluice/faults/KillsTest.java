package dev.sluice.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.database.Actor;
import dev.sluice.database.TestDatabase;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code kill -9} of a whole server at each step by which bytes become visible, and what the next one finds. */
@Tag("faults")
@ExtendWith(Leaks.class)
class KillsTest extends ProcessFixture {
    /** In enough pieces that some thread writes a second one. */
    private static final int UPLOAD = 32 << 20;

    private static final int MODEL = 1 << 20;
    private static final Duration LONGER_THAN_UPLOADS_PAUSE = Duration.ofHours(25);

    /** A step of an upload, and whether its file is visible when the server dies there. */
    private record UploadStep(String name, String dies, boolean visible) {}

    private static final List<UploadStep> UPLOAD_STEPS = List.of(
            new UploadStep("amid the bytes", "pwrite64:signal=KILL:when=2", false),
            new UploadStep("all written, not flushed", "fdatasync:signal=KILL:when=1", false),
            new UploadStep("hashed, not durable", "fsync:signal=KILL:when=1", false),
            new UploadStep("durable, not renamed", "/^rename:signal=KILL:when=1", false),
            new UploadStep("renamed, the directory not durable", "fsync:signal=KILL:when=2", true));

    @Test
    void whereverAnUploadIsKilledTheOldFileIsThereOrTheNew() throws Exception {
        byte[] current = random(1, 1000);
        try (ServerProcess server = start()) {
            server.register("alice", "job");
            assertThat(server.put(SMALL, current).statusCode()).isEqualTo(201);
        }
        for (UploadStep step : UPLOAD_STEPS) {
            byte[] next = random(step.name().hashCode(), UPLOAD);
            try (ServerProcess server = start()) {
                serves(server, current);
                killedBy(server, step.name(), step.dies(), () -> server.put(SMALL, next));
            }
            current = step.visible() ? next : current;
            assertThat(Files.readAllBytes(data.resolve("workspace/job/model/small.bin")))
                    .as(step.name())
                    .isEqualTo(current);
            age(data.resolve("workspace/.staging"));
        }
        byte[] last = random(2, UPLOAD);
        try (ServerProcess server = start();
                Connection connection = database.owner();
                Statement statement = connection.createStatement()) {
            serves(server, current);
            // What is known of the file is written last.
            connection.setAutoCommit(false);
            statement.execute("lock table sluice.content_index in exclusive mode");
            Thread uploading = new Thread(() -> cut(() -> server.put(SMALL, last)));
            uploading.start();
            Path file = data.resolve("workspace/job/model/small.bin");
            Awaiting.until("the file is renamed", () -> Arrays.equals(Files.readAllBytes(file), last));
            server.kill();
            uploading.join();
            connection.rollback();
        }
        try (ServerProcess server = start()) {
            serves(server, last);
            assertThat(server.put(SMALL, current).statusCode()).isEqualTo(204);
            serves(server, current);
        }
    }

    /** Nothing is staged any more, and the digest, if it is told, is that of the bytes. */
    private void serves(ServerProcess server, byte[] content) throws IOException {
        assertThat(count(data.resolve("workspace/.staging"))).isZero();
        HttpResponse<byte[]> kept = server.get(SMALL, "alice");
        assertThat(kept.statusCode()).isEqualTo(200);
        assertThat(kept.body()).isEqualTo(content);
        String digest = "sha-256=:"
                + Base64.getEncoder().encodeToString(HexFormat.of().parseHex(BlobFiles.sha256(content))) + ":";
        kept.headers()
                .firstValue("Repr-Digest")
                .ifPresent(told -> assertThat(told).isEqualTo(digest));
    }

    private static final String STORED = "stored, without a model";

    /** Of a publication that stores one content, in directories that are not there yet; and what the server dies of there. */
    private static final List<Map.Entry<String, String>> PUBLICATION_STEPS = List.of(
            Map.entry("claimed, not durable", "fsync:signal=KILL:when=1"),
            Map.entry("durable, without directories", "/^rename:signal=KILL:when=1"),
            Map.entry("directories made, not renamed", "/^rename:signal=KILL:when=3"),
            Map.entry("renamed, the directory not durable", "fsync:signal=KILL:when=4"),
            Map.entry(STORED, ""));

    @Test
    void whereverAPublicationIsKilledTheNextServerMakesTheOneModel() throws Exception {
        for (int i = 0; i < PUBLICATION_STEPS.size(); i++) {
            Path file = data.resolve("workspace/job-" + i + "/model/weights.bin");
            Files.createDirectories(file.getParent());
            Files.write(file, random(i, MODEL));
        }
        BlobFiles blobs = new BlobFiles(data, database);
        for (int i = 0; i < PUBLICATION_STEPS.size(); i++) {
            String job = "job-" + i;
            String step = PUBLICATION_STEPS.get(i).getKey();
            try (ServerProcess server = start()) {
                server.register("alice", job);
                if (step.equals(STORED)) {
                    killedWithoutModel(server, job);
                } else {
                    killedBy(server, step, PUBLICATION_STEPS.get(i).getValue(), () -> {
                        server.complete(job);
                        while (server.models("alice", job).isEmpty()) {}
                    });
                }
            }
            blobs.agreeWithTheirRows();
            age(data.resolve("store/.staging"));
            List<Path> left = staged();
            endLeases();
            try (ServerProcess server = start()) {
                // It may stage anew by now.
                assertThat(left).as(step).noneMatch(Files::exists);
                String model = server.published("alice", job);
                assertThat(server.get("/api/models/" + model + "/files/weights.bin", "alice")
                                .body())
                        .as(step)
                        .isEqualTo(random(i, MODEL));
            }
            blobs.agreeWithTheirRows();
            assertThat(blobs.path(BlobFiles.sha256(random(i, MODEL)))).as(step).exists();
        }
    }

    private List<Path> staged() throws IOException {
        try (Stream<Path> all = Files.list(data.resolve("store/.staging"))) {
            return all.toList();
        }
    }

    private void killedWithoutModel(ServerProcess server, String job) throws Exception {
        try (Connection connection = database.owner();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("lock table sluice.models in exclusive mode");
            server.complete(job);
            Awaiting.until("the model waits to be written", () -> waiting(statement));
            server.kill();
            connection.rollback();
        }
    }

    private static boolean waiting(Statement statement) throws Exception {
        return statement
                .executeQuery("select from pg_locks where not granted and relation = 'sluice.models'::regclass")
                .next();
    }

    /** As time does. */
    private void endLeases() {
        TestDatabase.await(database.database()
                .as(
                        new Actor.Background(),
                        connection -> connection
                                .query(
                                        "update jobs set publish_lease_until = now() where publish_lease_until is not null")
                                .execute()));
    }

    private interface Call {
        void run() throws IOException;
    }

    private static void killedBy(ServerProcess server, String step, String injection, Call call) {
        try (Strace killing = Strace.attach(server.handle(), injection)) {
            assertThat(cut(call)).as(step).isTrue();
            assertThat(server.exit()).as(step).isEqualTo(128 + 9);
        }
    }

    private static boolean cut(Call call) {
        try {
            call.run();
            return false;
        } catch (IOException cut) {
            return true;
        }
    }

    /** What another replica may be writing is left alone for a day. */
    private static void age(Path staging) throws IOException {
        try (Stream<Path> staged = Files.list(staging)) {
            for (Path path : (Iterable<Path>) staged::iterator) {
                Files.setLastModifiedTime(path, FileTime.from(Instant.now().minus(LONGER_THAN_UPLOADS_PAUSE)));
            }
        }
    }

    private static byte[] random(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
