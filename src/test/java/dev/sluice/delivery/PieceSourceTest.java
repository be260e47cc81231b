package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.archive.ArchiveLayout;
import dev.sluice.archive.Entry;
import dev.sluice.archive.EntryName;
import dev.sluice.database.TestDatabase;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PieceSourceTest {
    private static final int[] SIZES = {0, 100, 70_000, 40_000, 900_000, 80_000, 65_536, 65_537, 1};

    private static Vertx vertx;
    private static WorkerExecutor worker;
    private static Context loop;

    @TempDir
    Path directory;

    private final List<Entry> entries = new ArrayList<>();
    private Path[] files = {};
    private long leasedBefore;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
        worker = vertx.createSharedWorkerExecutor("files", 4);
        loop = vertx.getOrCreateContext();
    }

    @AfterAll
    static void stop() {
        TestDatabase.await(vertx.close());
    }

    @BeforeEach
    void write() throws IOException {
        files = new Path[SIZES.length];
        for (int i = 0; i < SIZES.length; i++) {
            files[i] = Files.write(directory.resolve("file-" + i), new byte[SIZES[i]]);
            entries.add(Entry.stored(EntryName.archived("file-" + i), SIZES[i], Instant.EPOCH, 0644));
        }
        leasedBefore = Origin.leasedBuffers();
    }

    @AfterEach
    void everyBufferIsBack() {
        Origin.awaitThat("every buffer is back", () -> Origin.leasedBuffers() <= leasedBefore);
    }

    @Test
    void atMostTwoFilesAreOpenAndNoneAtTheEnd() {
        PlainSource plain = new PlainSource(files);
        ArchiveLayout zip = ArchiveLayout.zip(entries);
        assertThat(drained(source(zip, plain), 0)).isEqualTo(zip.length());
        assertThat(plain.mostOpen()).isBetween(1, 2);
        assertThat(plain.open()).isEmpty();
    }

    @Test
    void theLastPieceIsNotGivenWhenAFileHasChanged() {
        for (int spoilt = 1; spoilt < SIZES.length; spoilt++) {
            int changed = spoilt;
            PlainSource plain = new PlainSource(files) {
                @Override
                void recheck(int entry) throws IOException {
                    if (entry == changed) {
                        throw new IOException("changed");
                    }
                }
            };
            PieceSource source = source(ArchiveLayout.zip(entries), plain);
            assertThatThrownBy(() -> drained(source, 0)).hasMessage("changed");
            onLoop(source::close);
            Origin.awaitThat("everything is closed", () -> plain.open().isEmpty());
        }
    }

    @Test
    void aFileThatIsShorterThanPlannedFails() throws IOException {
        Files.write(files[3], new byte[100]);
        PlainSource plain = new PlainSource(files);
        PieceSource source = source(ArchiveLayout.zip(entries), plain);
        assertThatThrownBy(() -> drained(source, 0)).isInstanceOf(EOFException.class);
        TestDatabase.await(onLoop(source::close));
        assertThat(plain.open()).isEmpty();
    }

    @Test
    void closingAtAnyPieceClosesEveryFile() {
        ArchiveLayout zip = ArchiveLayout.zip(entries);
        for (int pieces = 1; pieces < 8; pieces++) {
            PlainSource plain = new PlainSource(files);
            PieceSource source = source(zip, plain);
            assertThat(drained(source, pieces)).isPositive();
            TestDatabase.await(onLoop(source::close));
            assertThat(plain.open()).isEmpty();
        }
    }

    @Test
    void whatComesBeforeALargeFileDoesNotWaitForItsChecksum() {
        PlainSource plain = new PlainSource(files) {
            @Override
            public Future<IntUnaryOperator> checksums(int first, int last) {
                return last < 2 ? super.checksums(first, last) : Future.future(never -> {});
            }
        };
        PieceSource source = source(ArchiveLayout.zip(entries), plain);
        assertThat(drained(source, 1)).isGreaterThan(SIZES[1]);
        TestDatabase.await(onLoop(source::close));
    }

    @Test
    void closingWhileAFileIsBeingOpenedWaitsForItAndClosesIt() throws Exception {
        CountDownLatch opening = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        PlainSource plain = new PlainSource(files) {
            @Override
            public OpenEntry open(int entry) throws IOException {
                opening.countDown();
                Origin.unchecked(() -> {
                    goOn.await();
                    return entry;
                });
                return super.open(entry);
            }
        };
        PieceSource source = source(ArchiveLayout.file(SIZES[4]), new PlainSource(files[4]) {
            @Override
            public OpenEntry open(int entry) throws IOException {
                return plain.open(4);
            }
        });
        Future<Piece> next = onLoop(source::next);
        opening.await();
        Future<Void> closing = onLoop(source::close);
        assertThat(closing.isComplete()).isFalse();
        goOn.countDown();
        TestDatabase.await(onLoop(
                () -> next.onSuccess(piece -> ((Piece.Region) piece).lease().release())));
        TestDatabase.await(closing);
        assertThat(plain.open()).isEmpty();
    }

    /** Bytes of at most that many pieces, all when 0; each is released before the next is taken. */
    private static long drained(PieceSource source, int pieces) {
        long total = 0;
        for (int i = 0; (pieces == 0 || i < pieces) && TestDatabase.await(onLoop(() -> has(source))); i++) {
            Piece piece = TestDatabase.await(onLoop(source::next));
            total += piece.length();
            TestDatabase.await(onLoop(() -> {
                release(piece);
                return Future.succeededFuture();
            }));
        }
        return total;
    }

    private static Future<Boolean> has(PieceSource source) {
        return Future.succeededFuture(source.hasNext());
    }

    private static void release(Piece piece) {
        if (piece instanceof Piece.Memory memory) {
            memory.bytes().release();
        } else {
            ((Piece.Region) piece).lease().release();
        }
    }

    private PieceSource source(ArchiveLayout layout, EntrySource source) {
        return new PieceSource(layout, source, worker, () -> 256 << 10, () -> 128 << 10, true);
    }

    private static <T> Future<T> onLoop(Supplier<Future<T>> work) {
        Promise<T> done = Promise.promise();
        loop.runOnContext(turn -> work.get().onComplete(done));
        return done.future();
    }
}
