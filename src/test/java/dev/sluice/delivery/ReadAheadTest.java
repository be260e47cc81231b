package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.archive.ArchiveLayout;
import dev.sluice.archive.ExternalTool;
import dev.sluice.database.TestDatabase;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that the page cache does not hold: what the event loop sends must be brought there before. */
class ReadAheadTest {
    private static final int REGION = 4 << 20;
    private static final int READINGS = 3;
    private static final int SIZE = 4 * (int) ReadAhead.WINDOW + 12_345;

    private static Vertx vertx;
    private static WorkerExecutor worker;
    private static Context loop;

    private interface Preparation {
        void run() throws Exception;
    }

    @TempDir
    Path directory;

    private Path file;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
        worker = vertx.createSharedWorkerExecutor("files", 2);
        loop = vertx.getOrCreateContext();
    }

    @AfterAll
    static void stop() {
        TestDatabase.await(vertx.close());
    }

    @BeforeEach
    void write() throws Exception {
        file = Files.write(directory.resolve("weights"), new byte[SIZE]);
        forget();
        assumeTrue(cached(0, SIZE) < 0.1, "this file system cannot be made to forget a file");
        forgetAll();
    }

    private void forgetAll() throws Exception {
        // A page that some processor is still at is forgotten only the next time.
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (cached(0, SIZE) > 0) {
            assertThat(System.nanoTime()).as("forgotten").isLessThan(deadline);
            forget();
        }
    }

    private void forget() throws Exception {
        new ExternalTool("dd")
                .run(directory, "of=" + file, "oflag=nocache", "conv=notrunc,fdatasync", "count=0")
                .succeeded();
    }

    @Test
    void everyRegionLiesInThePageCacheWhenItIsHandedOut() throws Exception {
        assertThat(coldEachTime(() -> {})).isEmpty();
    }

    @Test
    void whatIsColdBehindACachedStretchIsBroughtInToo() throws Exception {
        int stretch = (int) (ReadAhead.WINDOW + ReadAhead.WINDOW / 3);
        assertThat(coldEachTime(() -> {
                    readUntilCached(stretch);
                    assertThat(cached(2 * ReadAhead.WINDOW, SIZE))
                            .as("the rest is cold")
                            .isLessThan(0.1);
                }))
                .isEmpty();
    }

    /** Again, when the kernel has taken a page back meanwhile. */
    private void readUntilCached(int stretch) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        do {
            assertThat(System.nanoTime()).as("cached").isLessThan(deadline);
            try (InputStream input = Files.newInputStream(file)) {
                assertThat(input.readNBytes(stretch)).hasSize(stretch);
            }
        } while (cached(0, stretch) < 1);
    }

    @Test
    void nothingFarBeyondTheSliceIsRead() throws Exception {
        double brought = 0;
        for (int reading = 0; reading < READINGS && brought < 1; reading++) {
            forgetAll();
            PieceSource source = source(ArchiveLayout.file(SIZE).slice(100, REGION + 100_000), true);
            release(next(source));
            brought = cached(0, REGION);
            TestDatabase.await(onLoop(source::close));
            assertThat(cached(ReadAhead.WINDOW, SIZE)).isZero();
        }
        assertThat(brought).isEqualTo(1);
    }

    @Test
    void whoReadsOnWorkersDoesNotReadAhead() throws Exception {
        PieceSource source = source(ArchiveLayout.file(SIZE), false);
        release(next(source));
        TestDatabase.await(onLoop(source::close));
        assertThat(cached(0, SIZE)).isZero();
    }

    /**
     * Where the regions begin that were handed out cold every time that the cold file was read. A kernel takes pages back
     * when it likes, also those that were read a moment ago (DAMON does so with gigabytes free, and counts no reclaim for
     * it): that hits another region each time, and what is not brought in is missing each time.
     */
    private Set<Long> coldEachTime(Preparation preparation) throws Exception {
        Set<Long> cold = Set.of();
        for (int reading = 0; reading < READINGS && (reading == 0 || !cold.isEmpty()); reading++) {
            forgetAll();
            preparation.run();
            Set<Long> now = coldRegions();
            if (reading > 0) {
                now.retainAll(cold);
            }
            cold = now;
        }
        return cold;
    }

    private Set<Long> coldRegions() throws IOException {
        Set<Long> cold = new TreeSet<>();
        PieceSource source = source(ArchiveLayout.file(SIZE), true);
        for (long at = 0; at < SIZE; ) {
            Piece piece = next(source);
            if (cached(at, at + piece.length()) < 1) {
                cold.add(at);
            }
            at += piece.length();
            release(piece);
        }
        return cold;
    }

    private PieceSource source(ArchiveLayout layout, boolean readsAhead) {
        return new PieceSource(layout, new PlainSource(file), worker, () -> REGION, () -> 128 << 10, readsAhead);
    }

    private static Piece next(PieceSource source) {
        return TestDatabase.await(onLoop(source::next));
    }

    private static void release(Piece piece) {
        TestDatabase.await(onLoop(() -> {
            if (piece instanceof Piece.Region region) {
                region.lease().release();
            } else {
                ((Piece.Memory) piece).bytes().release();
            }
            return Future.succeededFuture();
        }));
    }

    /** The part of these bytes, by 64 KiB, of which the page cache holds all. */
    private double cached(long from, long to) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, SIZE);
            int blocks = 0;
            int held = 0;
            for (int at = (int) from; at < to; at += 64 << 10) {
                blocks++;
                held += mapped.slice(at, (int) Math.min(64 << 10, to - at)).isLoaded() ? 1 : 0;
            }
            return (double) held / blocks;
        }
    }

    private static <T> Future<T> onLoop(Supplier<Future<T>> work) {
        Promise<T> done = Promise.promise();
        loop.runOnContext(turn -> work.get().onComplete(done));
        return done.future();
    }
}
