package dev.sluice.storage;

import static dev.sluice.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.database.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Choices of encodings, their memory in the index, and the collection of their copies, on a real database. */
class EncodingsTest {
    private static final String OWNER = "alice";
    private static final String JOB = "run-1";

    /** Ahead of the files' times, so that nothing counts as young. */
    private final Clock later = Clock.fixed(Instant.now().plusSeconds(3600), ZoneOffset.UTC);

    @TempDir
    private Path dir;

    private Vertx vertx;
    private TestDatabase database;
    private WorkerExecutor worker;
    private Workspace workspace;
    private LocalBlobStore blobs;
    private ContentIndex index;

    @BeforeEach
    void open() throws IOException, SQLException {
        vertx = Vertx.vertx();
        database = TestDatabase.fresh();
        worker = vertx.createSharedWorkerExecutor("test-index", 2);
        workspace = new Workspace(dir.resolve("workspace"));
        blobs = new LocalBlobStore(dir.resolve("store"));
        index = new ContentIndex(database.database(), later);
        await(database.database()
                .as(
                        new dev.sluice.database.Actor.Ingest(),
                        connection -> connection
                                .query("insert into jobs (job_id, owner, name) values ('run-1', 'alice', 'x')")
                                .execute()));
    }

    @AfterEach
    void close() {
        await(vertx.close());
        database.close();
    }

    @Test
    void textIsDeflatedAndNoiseIsStored() throws Exception {
        write("text.log", text(300_000));
        write("noise.bin", noise(300_000));
        List<ContentFacts> facts = choose(encodings());
        assertThat(facts)
                .extracting(fact -> fact.encoding().orElseThrow().getClass().getSimpleName())
                .containsExactly("Stored", "Deflated");
        BlobId copy = ((ContentEncoding.Deflated) facts.get(1).encoding().orElseThrow()).copy();
        assertThat(inflated(copy, 300_000)).isEqualTo(text(300_000));
        assertThat(facts.get(1).crc32()).isPresent();
    }

    @Test
    void aChoiceOutlivesTheProcessAndIsNotMadeAgain() throws Exception {
        write("text.log", text(300_000));
        List<ContentFacts> first = choose(encodings());
        List<ContentFacts> second = choose(encodings());
        assertThat(second).isEqualTo(first);
    }

    @Test
    void whoLosesTheRaceServesTheWinnersCopy() throws Exception {
        write("text.log", text(300_000));
        LiveFile file = files().get(0);
        BlobId others = new BlobId("ab".repeat(32), 5);
        await(new Blobs(database.database(), blobs, worker).claim(List.of(others)));
        ContentFacts winner = ContentFacts.NONE.with(new ContentEncoding.Deflated(others));
        assertThat(await(index.record(OWNER, file, winner))).isEqualTo(winner);
        ContentFacts loser = ContentFacts.ofCrc32(7).with(new ContentEncoding.Stored());
        assertThat(await(index.record(OWNER, file, loser)))
                .isEqualTo(ContentFacts.ofCrc32(7).with(new ContentEncoding.Deflated(others)));
    }

    @Test
    void aSmallFileDoesNotWaitForTheChecksumOfALargeOne() throws Exception {
        write("small.txt", new byte[] {'a'});
        CountDownLatch goOn = new CountDownLatch(1);
        WorkerExecutor busy = vertx.createSharedWorkerExecutor("test-busy", 1);
        Future<Boolean> large = busy.executeBlocking(() -> goOn.await(60, TimeUnit.SECONDS), false);
        try {
            assertThat(await(new Checksums(workspace, index, busy, worker).ofSmall(files())))
                    .containsExactly(0xE8B7BE43L);
            assertThat(large.isComplete()).isFalse();
        } finally {
            goOn.countDown();
        }
    }

    @Test
    void manyLargeFilesThatWereJustChosenForAreChosenForAgain() throws Exception {
        for (int i = 0; i < Encodings.MOST_FILES; i++) {
            String path = "part-" + i;
            write(path, new byte[0]);
            try (RandomAccessFile sparse = new RandomAccessFile(
                    dir.resolve("workspace").resolve(JOB).resolve(path).toFile(), "rw")) {
                sparse.setLength(Encodings.BUDGET + 1);
            }
        }
        ContentIndex.Known nothing = known();
        Encodings encodings = encodings();
        for (int i = 0; i < 2; i++) {
            assertThat(await(encodings.choose(OWNER, files(), nothing)))
                    .hasSize(Encodings.MOST_FILES)
                    .allMatch(facts -> facts.encoding().equals(Optional.of(new ContentEncoding.Stored())));
        }
    }

    @Test
    void manyChoicesBecomeDurableTogether() throws Exception {
        for (int i = 0; i < 40; i++) {
            write("part-" + i, noise(1_000 + i));
        }
        assertThat(choose(encodings()))
                .hasSize(40)
                .allMatch(facts -> facts.encoding().isPresent());
        assertThat(transactions()).isBetween(1L, 20L);
        List<LiveFile> files = files();
        ContentIndex.Known known = known();
        assertThat(files).allMatch(file -> known.of(file).encoding().isPresent());
    }

    @Test
    void whatCannotBeRecordedSpoilsNothingThatIsRecordedWithIt() throws Exception {
        write("text.log", text(300_000));
        LiveFile file = files().get(0);
        List<Future<ContentFacts>> recording = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            // PostgreSQL has no NUL in a text.
            String path = i == 3 ? "part\0" : "part-" + i;
            recording.add(index.record(
                    OWNER, new LiveFile(JOB, path, file.identity(), file.mode()), ContentFacts.ofCrc32(i)));
        }
        assertThat(await(Future.join(recording).otherwiseEmpty())).isNull();
        for (int i = 0; i < 6; i++) {
            assertThat(recording.get(i).succeeded()).as("part %s", i).isEqualTo(i != 3);
        }
        ContentIndex.Known known = known();
        assertThat(known.of(new LiveFile(JOB, "part-5", file.identity(), file.mode())))
                .isEqualTo(ContentFacts.ofCrc32(5));
    }

    private long transactions() {
        return await(database.database()
                        .as(
                                new dev.sluice.database.Actor.Background(),
                                connection -> connection
                                        .query("select count(distinct xmin::text) from content_index")
                                        .execute()))
                .iterator()
                .next()
                .getLong(0);
    }

    @Test
    void anotherStateOfTheFileBeginsAnew() throws Exception {
        write("text.log", text(300_000));
        choose(encodings());
        write("text.log", text(400_000));
        assertThat(known().of(files().get(0))).isEqualTo(ContentFacts.NONE);
    }

    @Test
    void nothingIsRememberedAboutAFileThatMayStillChangeUnseen() throws Exception {
        write("text.log", text(300_000));
        LiveFile file = files().get(0);
        ContentIndex now = new ContentIndex(
                database.database(), Clock.fixed(file.modified().plusSeconds(1), ZoneOffset.UTC));
        await(now.record(OWNER, file, ContentFacts.ofCrc32(7)));
        assertThat(known().of(file)).isEqualTo(ContentFacts.NONE);
        await(now.recordOwn(OWNER, file, ContentFacts.ofCrc32(7)));
        assertThat(await(now.find(OWNER, file.jobId(), "")).of(file)).isEqualTo(ContentFacts.ofCrc32(7));
    }

    @Test
    void anotherOwnersFactsAreNotFound() throws Exception {
        write("text.log", text(300_000));
        choose(encodings());
        assertThat(await(index.find("bob", JOB, "")).of(files().get(0))).isEqualTo(ContentFacts.NONE);
    }

    @Test
    void onlyCopiesThatNothingRefersToAreCollected() throws Exception {
        write("text.log", text(300_000));
        BlobId kept = copyOf(choose(encodings()).get(0));
        write("text.log", text(350_000));
        BlobId next = copyOf(choose(encodings()).get(0));
        BlobCollection patient =
                new BlobCollection(database.database(), blobs, worker, Clock.systemUTC(), Duration.ofHours(24));
        assertThat(await(patient.collect())).as("within the grace").isZero();
        BlobCollection hasty = new BlobCollection(database.database(), blobs, worker, Clock.systemUTC(), Duration.ZERO);
        assertThat(await(hasty.collect())).isEqualTo(1);
        assertThat(blobs.exists(kept)).isFalse();
        assertThat(blobs.exists(next)).isTrue();
    }

    @Test
    void aChecksumGoesOnWhereAnotherProcessHadCome() throws Exception {
        byte[] content = noise(5 << 20);
        write("noise.bin", content);
        LiveFile file = files().get(0);
        java.util.zip.CRC32 half = new java.util.zip.CRC32();
        half.update(content, 0, 3 << 20);
        await(index.checkpoint(OWNER, file, new Checksum.Checkpoint(3 << 20, half.getValue() ^ 1)));
        java.util.zip.CRC32 whole = new java.util.zip.CRC32();
        whole.update(content);
        assertThat(await(new Checksums(workspace, index, worker, worker, Long.MAX_VALUE).crc32(OWNER, file)))
                .as("a file below the interval begins at its start")
                .isEqualTo(whole.getValue());
        write("noise2.bin", content);
        LiveFile other = files().get(1);
        await(index.checkpoint(OWNER, other, new Checksum.Checkpoint(3 << 20, half.getValue())));
        assertThat(known().checkpoint(other)).isEqualTo(new Checksum.Checkpoint(3 << 20, half.getValue()));
        assertThat(await(new Checksums(workspace, index, worker, worker, 1 << 20).crc32(OWNER, other)))
                .isEqualTo(whole.getValue());
        write("noise3.bin", content);
        LiveFile wrong = files().get(2);
        await(index.checkpoint(OWNER, wrong, new Checksum.Checkpoint(3 << 20, half.getValue() ^ 1)));
        assertThat(await(new Checksums(workspace, index, worker, worker, 1 << 20).crc32(OWNER, wrong)))
                .as("what came before is not read again")
                .isNotEqualTo(whole.getValue());
    }

    @Test
    void anArchiveOfVeryManyFilesIsStoredAsAWhole() throws Exception {
        for (int i = 0; i <= Encodings.MOST_FILES; i++) {
            write("many/" + i + ".txt", text(600));
        }
        assertThat(choose(encodings()))
                .allMatch(facts -> facts.encoding().orElseThrow() instanceof ContentEncoding.Stored);
    }

    private static BlobId copyOf(ContentFacts facts) {
        return ((ContentEncoding.Deflated) facts.encoding().orElseThrow()).copy();
    }

    private Encodings encodings() {
        return new Encodings(
                workspace,
                new Blobs(database.database(), blobs, worker),
                index,
                worker,
                new ParallelDeflater(ForkJoinPool.commonPool(), 2));
    }

    private List<ContentFacts> choose(Encodings encodings) throws IOException {
        return await(encodings.choose(OWNER, files(), known()));
    }

    private ContentIndex.Known known() {
        return await(index.find(OWNER, JOB, ""));
    }

    private List<LiveFile> files() throws IOException {
        return workspace.walk(JOB, "").orElseThrow().files();
    }

    private void write(String path, byte[] content) throws IOException {
        Path file = dir.resolve("workspace").resolve(JOB).resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }

    private static byte[] text(int length) {
        StringBuilder text = new StringBuilder();
        for (int line = 0; text.length() < length; line++) {
            text.append("step ")
                    .append(line)
                    .append(" loss 0.")
                    .append(line % 977)
                    .append('\n');
        }
        return text.substring(0, length).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }

    private static byte[] noise(int length) {
        byte[] noise = new byte[length];
        new Random(1).nextBytes(noise);
        return noise;
    }

    private byte[] inflated(BlobId copy, int length) throws IOException, DataFormatException {
        try (FileChannel channel = blobs.open(copy)) {
            ByteBuffer stream = ByteBuffer.allocate((int) copy.size());
            while (stream.hasRemaining()) {
                channel.read(stream);
            }
            Inflater inflater = new Inflater(true);
            inflater.setInput(stream.array());
            byte[] content = new byte[length];
            int inflated = 0;
            while (inflated < length) {
                inflated += inflater.inflate(content, inflated, length - inflated);
            }
            inflater.end();
            return content;
        }
    }
}
