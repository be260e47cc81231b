package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The content changes while a slow client reads it: a whole body is the planned one, and any other never ends well. */
class ContentFaultsTest {
    private static final int SIZE = 24 << 20;
    private static final int READ_BEFORE = 300_000;

    private static Origin origin;

    private byte[] content;
    private Path file;
    private long leasedBefore;

    @BeforeAll
    static void start() {
        origin = new Origin();
    }

    @AfterAll
    static void stop() {
        origin.close();
    }

    @BeforeEach
    void write() throws IOException {
        content = new byte[SIZE];
        new Random(1).nextBytes(content);
        file = origin.write("job", "model.bin", content);
        origin.write("job", "a.txt", "first".getBytes(StandardCharsets.UTF_8));
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2024-01-01T00:00:00Z")));
        leasedBefore = Origin.leasedBuffers();
    }

    @AfterEach
    void nothingIsHeld() {
        origin.nothingIsHeld(leasedBefore);
    }

    @ParameterizedTest(name = "{0}, TLS {1}")
    @CsvSource({"job/model.bin, false", "job/model.bin, true", "job.zip, false", "job.zip, true"})
    void aFileThatIsTruncatedBelowWhatIsStillToBeSentBreaksTheConnection(String target, boolean tls) throws Exception {
        broken(target, tls, () -> truncate(SIZE / 2));
    }

    @ParameterizedTest(name = "{0}, TLS {1}")
    @CsvSource({"job/model.bin, false", "job/model.bin, true", "job.zip, false", "job.zip, true"})
    void aFileThatIsTruncatedToNothingBreaksTheConnection(String target, boolean tls) throws Exception {
        broken(target, tls, () -> truncate(0));
    }

    @ParameterizedTest(name = "{0}, TLS {1}")
    @CsvSource({"job/model.bin, false", "job/model.bin, true", "job.zip, false", "job.zip, true"})
    void aFileThatIsRewrittenInPlaceBreaksTheConnection(String target, boolean tls) throws Exception {
        broken(target, tls, () -> {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.wrap(new byte[100]), SIZE - 200);
            }
        });
    }

    @ParameterizedTest(name = "{0}, TLS {1}")
    @CsvSource({"job/model.bin, false", "job/model.bin, true", "job.zip, false", "job.zip, true"})
    void aFileThatIsRenamedOverBreaksTheConnection(String target, boolean tls) throws Exception {
        broken(target, tls, () -> {
            Path other = origin.write("job", "model.bin.next", content);
            Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
        });
    }

    @ParameterizedTest(name = "{0}, TLS {1}")
    @CsvSource({"job/model.bin, false", "job/model.bin, true", "job.zip, false", "job.zip, true"})
    void aFileThatIsRemovedBreaksTheConnection(String target, boolean tls) throws Exception {
        broken(target, tls, () -> Files.delete(file));
    }

    @ParameterizedTest(name = "{0}, TLS {1}")
    @CsvSource({"job/model.bin, false", "job/model.bin, true", "job.zip, false", "job.zip, true"})
    void aFileThatGrowsIsCutAtThePlan(String target, boolean tls) throws Exception {
        try (Peer peer = Peer.connect(origin.port(tls), tls)) {
            Peer.Head head = peer.get(target).head();
            byte[] begin = peer.read(READ_BEFORE);
            Files.write(file, new byte[1 << 20], StandardOpenOption.APPEND);
            byte[] rest = peer.read(head.contentLength() - READ_BEFORE);
            assertThat(origin.outcome().succeeded()).isTrue();
            byte[] whole = Arrays.copyOf(begin, begin.length + rest.length);
            System.arraycopy(rest, 0, whole, begin.length, rest.length);
            int start = indexOf(whole, Arrays.copyOf(content, 64));
            assertThat(Arrays.copyOfRange(whole, start, start + SIZE)).isEqualTo(content);
            assertThat(peer.get("job/a.txt").head().status()).isEqualTo(200);
            assertThat(peer.read(5)).asString().isEqualTo("first");
            assertThat(origin.outcome().succeeded()).isTrue();
        }
    }

    @ParameterizedTest(name = "TLS {0}")
    @CsvSource({"false", "true"})
    void aTruncatedFileUnderAReaderThatPausesCostsTheEventLoopNothing(boolean tls) throws Exception {
        try (Peer peer = Peer.connect(origin.port(tls), tls)) {
            peer.get("job/model.bin").head();
            peer.read(READ_BEFORE);
            truncate(READ_BEFORE);
            long before = eventLoopNanos();
            long begin = System.nanoTime();
            TimeUnit.MILLISECONDS.sleep(400);
            long spent = eventLoopNanos() - before;
            // A loop that spins takes a core; a busy machine can only make this look better.
            assertThat(spent).isLessThan((System.nanoTime() - begin) / 2);
            peer.drain();
        }
        assertThat(origin.aborted().party()).isEqualTo(TransferAborted.Party.CONTENT);
    }

    private interface Change {
        void happens() throws IOException;
    }

    private void broken(String target, boolean tls, Change change) throws IOException {
        try (Peer peer = Peer.connect(origin.port(tls), tls)) {
            Peer.Head head = peer.get(target).head();
            assertThat(head.status()).isEqualTo(200);
            peer.read(READ_BEFORE);
            change.happens();
            assertThat(READ_BEFORE + peer.drain()).isLessThan(head.contentLength());
        }
        TransferAborted aborted = origin.aborted();
        assertThat(aborted.party()).as("%s", aborted.getCause()).isEqualTo(TransferAborted.Party.CONTENT);
    }

    private void truncate(long length) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(length);
        }
    }

    private static int indexOf(byte[] bytes, byte[] wanted) {
        for (int at = 0; at <= bytes.length - wanted.length; at++) {
            if (Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
                return at;
            }
        }
        throw new AssertionError("not found");
    }

    private static long eventLoopNanos() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long sum = 0;
        for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (thread != null && thread.getThreadName().contains("eventloop")) {
                sum += threads.getThreadCpuTime(thread.getThreadId());
            }
        }
        return sum;
    }
}
