package dev.sluice.storage;

import static dev.sluice.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.database.Actor;
import dev.sluice.database.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class QuarantineTest extends WorkspaceFixture {
    private static Vertx vertx;
    private static TestDatabase database;

    private final List<BlobId> withdrawn = new ArrayList<>();
    private WorkerExecutor worker;
    private LocalBlobStore blobs;
    private ContentIndex index;
    private Quarantine quarantine;

    @BeforeAll
    static void open() {
        vertx = Vertx.vertx();
        database = TestDatabase.fresh();
    }

    @AfterAll
    static void close() {
        database.close();
        await(vertx.close());
    }

    @BeforeEach
    void prepare() throws IOException {
        worker = vertx.createSharedWorkerExecutor("files");
        blobs = new LocalBlobStore(root.resolveSibling("store"));
        // A day ahead, so that files are old enough for the index.
        index = new ContentIndex(database.database(), Clock.offset(Clock.systemUTC(), Duration.ofDays(1)));
        quarantine = new Quarantine(database.database(), workspace, blobs, index, worker, withdrawn::add);
        await(database.database()
                .as(
                        new Actor.Ingest(),
                        connection -> connection
                                .query("delete from jobs; insert into jobs (job_id, owner) values ('job', 'alice')")
                                .execute()));
    }

    private BlobId blob(String content) throws IOException {
        try (StagedBlob staged = blobs.stage()) {
            staged.write(ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8)));
            return staged.commit();
        }
    }

    private Path file(BlobId blob) {
        String name = blob.sha256();
        return root.resolveSibling("store").resolve(Path.of("blobs", name.substring(0, 2), name.substring(2, 4), name));
    }

    private static void rot(Path file) throws IOException {
        FileTime before = Files.getLastModifiedTime(file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        byte[] bytes = Files.readAllBytes(file);
        bytes[0] ^= 1;
        Files.write(file, bytes);
        Files.setLastModifiedTime(file, before);
    }

    private LiveFile live(String path, String content) throws IOException {
        write(path, content);
        return workspace.find("job", dev.sluice.archive.EntryName.parse(path)).orElseThrow();
    }

    private static ContentFacts factsOf(String content) {
        ContentHasher hasher = new ContentHasher();
        hasher.update(ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8)));
        return ContentFacts.of(hasher.finish());
    }

    @Test
    void goodContentStaysWhereItIs() throws IOException {
        BlobId blob = blob("good");
        LiveFile file = live("model/good", "good");
        assertThat(await(quarantine.check(blob))).isEmpty();
        assertThat(await(quarantine.check("alice", file, factsOf("good")))).isEmpty();
        assertThat(blobs.exists(blob)).isTrue();
        assertThat(withdrawn).isEmpty();
    }

    @Test
    void aRottenCopyIsMovedAsideAndItsFileIsEncodedAnew() throws IOException {
        BlobId copy = blob("a deflated copy");
        LiveFile file = live("model/log", "some text");
        await(new Blobs(database.database(), blobs, worker).claim(List.of(copy)));
        ContentFacts facts = factsOf("some text").with(new ContentEncoding.Deflated(copy));
        await(index.recordOwn("alice", file, facts));
        rot(file(copy));

        assertThat(await(quarantine.check(copy)).orElseThrow()).startsWith("has other bytes");

        assertThatThrownBy(() -> blobs.open(copy)).isInstanceOf(BlobMissing.class);
        assertThat(root.resolveSibling("store").resolve("quarantine").resolve(copy.sha256()))
                .exists();
        assertThat(withdrawn).containsExactly(copy);
        assertThat(await(index.find("alice", "job", "")).of(file)).isEqualTo(factsOf("some text"));
        assertThat(blob("a deflated copy")).isEqualTo(copy);
        assertThat(await(quarantine.check(copy))).isEmpty();
    }

    @Test
    void aFileThatRottedWithoutATraceIsForgottenAndLeftInPlace() throws IOException {
        LiveFile file = live("model/weights", "weights");
        await(index.recordOwn("alice", file, factsOf("other bytes, by the index")));
        ContentFacts known = await(index.find("alice", "job", "")).of(file);
        assertThat(await(quarantine.check("alice", file, known)).orElseThrow()).startsWith("has other bytes");
        assertThat(await(index.find("alice", "job", "")).of(file)).isEqualTo(ContentFacts.NONE);
        assertThat(job.resolve("model/weights")).hasContent("weights");
    }

    @Test
    void aFileThatSomebodyHasRewrittenIsNotBad() throws IOException {
        LiveFile file = live("model/weights", "weights");
        Files.writeString(job.resolve("model/weights"), "longer than before, and another");
        Files.setLastModifiedTime(job.resolve("model/weights"), FileTime.from(Instant.EPOCH));
        assertThat(await(quarantine.check("alice", file, factsOf("weights")))).isEmpty();
    }

    @Test
    void aScrubReadsEverythingAndTellsWhatIsBad() throws IOException {
        BlobId good = blob("good");
        BlobId bad = blob("bad");
        rot(file(bad));
        await(index.recordOwn("alice", live("model/good", "good"), factsOf("good")));
        await(index.recordOwn("alice", live("model/bad", "bad"), factsOf("not that")));
        List<String> told = new ArrayList<>();

        Scrub scrub = new Scrub(database.database(), blobs, quarantine, worker);
        assertThat(await(scrub.run(told::add))).isEqualTo(new Scrub.Report(2, 2, 2));

        assertThat(told)
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("blob " + bad.sha256()),
                        line -> assertThat(line).startsWith("file model/bad of job job"));
        told.clear();
        assertThat(await(scrub.run(told::add))).isEqualTo(new Scrub.Report(1, 1, 0));
        assertThat(told).isEmpty();
        assertThat(blobs.exists(good)).isTrue();
    }

    @Test
    void theSameBadBlobIsWithdrawnOnceForAllWhoSuspectIt() throws IOException {
        BlobId copy = blob("a deflated copy");
        rot(file(copy));
        WorkerExecutor one = vertx.createSharedWorkerExecutor("one", 1);
        CountDownLatch allAsk = new CountDownLatch(1);
        Future<Boolean> occupied = one.executeBlocking(() -> allAsk.await(30, TimeUnit.SECONDS));
        Quarantine shared = new Quarantine(database.database(), workspace, blobs, index, one, withdrawn::add);
        List<Future<Optional<String>>> checks =
                Stream.generate(() -> shared.check(copy)).limit(5).toList();
        allAsk.countDown();
        assertThat(await(occupied)).isTrue();
        List<Optional<String>> faults = checks.stream().map(TestDatabase::await).toList();
        assertThat(faults).allMatch(Optional::isPresent);
        assertThat(withdrawn).containsExactly(copy);
        assertThat(await(database.database().call("select 1", Tuple.tuple())).size())
                .isEqualTo(1);
    }
}
