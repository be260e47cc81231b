package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.database.TestDatabase;
import dev.sluice.http.ProblemException;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two readings at one time, one of an owner, while the pool that reads has not a thread to spare. */
class ReadsTest {
    private static final int LARGE = 300_000;
    private static final byte[] TEXT =
            "a line that compresses well\n".repeat(LARGE / 28).getBytes(StandardCharsets.UTF_8);

    private final Origin origin =
            new Origin(Clock.systemUTC(), new HttpServerOptions(), new TransferLimits.Limit(2, 1));
    private final Admission reads = origin.supervision().admission(CostClass.READ);
    private final CountDownLatch busy = new CountDownLatch(1);

    @BeforeEach
    void write() {
        for (String job : List.of("one", "two", "three", "four")) {
            origin.write(job, "training.log", TEXT);
        }
    }

    @AfterEach
    void close() {
        busy.countDown();
        origin.close();
    }

    private void occupyThePool() {
        IntStream.range(0, 2)
                .forEach(thread -> origin.index()
                        .executeBlocking(
                                () -> {
                                    busy.await();
                                    return null;
                                },
                                false));
    }

    private void awaitReads(int active, int queued) {
        Origin.awaitThat(
                active + " read and " + queued + " wait", () -> reads.streams() == active && reads.queued() == queued);
    }

    private static int status(Future<?> refused) {
        Origin.awaitThat("it is refused", refused::isComplete);
        return ((ProblemException) refused.cause()).problem().status();
    }

    @Test
    void anOwnersExpensiveArchivesStarveNeitherAnotherOwnersNorStreams() throws IOException {
        occupyThePool();
        Future<Representation> one = origin.archive("alice", "one", ArchiveFormat.ZIP);
        awaitReads(1, 0);
        List<Future<Representation>> herd = IntStream.range(0, 100)
                .mapToObj(i -> origin.archive("alice", "one", ArchiveFormat.ZIP))
                .toList();
        Future<Representation> two = origin.archive("alice", "two", ArchiveFormat.ZIP);
        awaitReads(1, 1);
        Future<Representation> bobs = origin.archive("bob", "three", ArchiveFormat.ZIP);
        awaitReads(2, 1);
        Future<Representation> carols = origin.archive("carol", "four", ArchiveFormat.ZIP);
        awaitReads(2, 2);

        try (Peer peer = Peer.connect(origin.port(false), false)) {
            Peer.Head head = peer.get("one/training.log").head();
            assertThat(head.status()).isEqualTo(200);
            assertThat(peer.read(head.contentLength())).isEqualTo(TEXT);
        }
        reads.expire(Admission.PATIENCE);
        assertThat(status(two)).isEqualTo(429);
        assertThat(status(carols)).isEqualTo(503);

        busy.countDown();
        TestDatabase.await(one);
        TestDatabase.await(bobs);
        herd.forEach(TestDatabase::await);
        awaitReads(0, 0);
        assertThat(reads.owners()).isZero();
    }

    @Test
    void whatIsDecidedNeedsNoPermit() {
        TestDatabase.await(origin.archive("alice", "one", ArchiveFormat.ZIP));
        occupyThePool();
        origin.archive("alice", "two", ArchiveFormat.ZIP);
        awaitReads(1, 0);
        TestDatabase.await(origin.archive("alice", "one", ArchiveFormat.ZIP));
        TestDatabase.await(origin.archive("alice", "two", ArchiveFormat.TAR));
    }

    @Test
    void aTransferThatHasBegunWaitsForItsTurnToReadAndIsNotRefused() throws IOException {
        incompressible("one");
        incompressible("two");
        occupyThePool();
        try (Peer one = Peer.connect(origin.port(false), false);
                Peer two = Peer.connect(origin.port(false), false)) {
            Peer.Head first = one.get("one.zip").head();
            awaitReads(1, 0);
            Peer.Head second = two.get("two.zip").head();
            awaitReads(1, 1);
            reads.expire(Admission.PATIENCE);
            awaitReads(1, 1);
            busy.countDown();
            assertThat(one.read(first.contentLength())).hasSizeGreaterThan(LARGE);
            assertThat(two.read(second.contentLength())).hasSizeGreaterThan(LARGE);
        }
        awaitReads(0, 0);
    }

    @Test
    void aClientThatDoesNotReadHoldsNoPermitToRead() throws IOException {
        try (RandomAccessFile sparse =
                new RandomAccessFile(origin.path("slow", "big.bin").toFile(), "rw")) {
            // Larger than what an archive may have deflated for it, so that it is stored.
            sparse.setLength(300L << 20);
        }
        try (Peer peer = Peer.connect(origin.port(false), false)) {
            assertThat(peer.get("slow.zip").head().status()).isEqualTo(200);
            peer.read(1 << 20);
            awaitReads(0, 0);
            assertThat(origin.supervision().transfers().active()).isEqualTo(1);
        }
    }

    /** Its encodings are chosen, and its checksum is not known. */
    private void incompressible(String job) {
        byte[] content = new byte[LARGE];
        new java.util.Random(1).nextBytes(content);
        origin.write(job, "training.log", content);
        TestDatabase.await(origin.archive(Origin.OWNER, job, ArchiveFormat.ZIP));
    }
}
