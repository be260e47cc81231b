package dev.sluice.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParallelDeflaterTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    private final ExecutorService threads = Executors.newFixedThreadPool(4);
    private final ParallelDeflater deflater = new ParallelDeflater(threads, 4);

    @AfterEach
    void nothingIsLeft() throws IOException {
        threads.shutdownNow();
        NothingLeftOpen.assertNoDescriptorsUnder(directory);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, MIB - 1, MIB, MIB + 1, 2 * MIB, 9 * MIB, 9 * MIB + 12_345})
    void theStreamInflatesToTheContentAtEverySize(int size) throws Exception {
        for (byte[] content : List.of(ContentFile.log(size), ContentFile.random(size, 7), new byte[size])) {
            assertThat(inflate(deflateWhatever(deflater, content))).isEqualTo(content);
        }
    }

    @Test
    void theSameContentGivesTheSameBytesWhateverTheThreads() throws Exception {
        byte[] content = ContentFile.log(7 * MIB + 99);
        byte[] expected = deflateWhatever(new ParallelDeflater(Runnable::run, 1), content);
        assertThat(deflateWhatever(deflater, content)).isEqualTo(expected);
        assertThat(deflateWhatever(new ParallelDeflater(threads, 1), content)).isEqualTo(expected);
    }

    @Test
    void blocksSeeTheWindowBeforeThem() throws Exception {
        // Repeats at a distance of 16 KiB: a block without its window would have to spell out its first 16 KiB.
        byte[] piece = ContentFile.random(16 * 1024, 3);
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        while (content.size() < 3 * MIB) {
            content.writeBytes(piece);
        }
        byte[] stream = deflateWhatever(deflater, content.toByteArray());
        assertThat(inflate(stream)).isEqualTo(content.toByteArray());
        assertThat(stream.length).isLessThan(2 * piece.length + 3 * MIB / 50);
    }

    @Test
    void theFingerprintsAreOfContentAndStream() throws Exception {
        byte[] content = ContentFile.log(2 * MIB);
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        try (FileChannel channel = ContentFile.open(directory, content)) {
            Deflated deflated = deflater.deflate(channel, content.length, into(stream), Progress.IGNORED)
                    .orElseThrow();
            assertThat(deflated.content()).isEqualTo(fingerprint(content));
            assertThat(deflated.stream()).isEqualTo(fingerprint(stream.toByteArray()));
            assertThat(deflated.stream().size()).isLessThan(content.length / 2);
        }
    }

    @Test
    void onlyTheBytesThatWerePlannedAreDeflated() throws Exception {
        byte[] content = ContentFile.log(MIB + 10);
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        try (FileChannel channel = ContentFile.open(directory, content)) {
            assertThat(deflater.deflate(channel, MIB, into(stream), Progress.IGNORED))
                    .isPresent();
        }
        assertThat(inflate(stream.toByteArray())).isEqualTo(ContentFile.log(MIB));
    }

    @Test
    void whatHardlyShrinksIsNotWorthItAndIsGivenUpOnTheWay() throws Exception {
        byte[] content = ContentFile.random(40 * MIB, 5);
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        try (FileChannel channel = ContentFile.open(directory, content)) {
            assertThat(deflater.deflate(channel, content.length, 10 * MIB, into(stream), Progress.IGNORED))
                    .isEmpty();
            assertThat(stream.size()).isBetween(10 * MIB, 20 * MIB);
            assertThat(deflater.deflate(channel, content.length, into(stream), Progress.IGNORED))
                    .isEmpty();
            assertThat(deflater.deflate(channel, 0, into(stream), Progress.IGNORED))
                    .isEmpty();
        }
    }

    @Test
    void progressCountsTheContentsBytes() throws Exception {
        List<Long> reached = new ArrayList<>();
        try (FileChannel channel = ContentFile.open(directory, ContentFile.log(2 * MIB + 5))) {
            deflater.deflate(channel, 2 * MIB + 5, bytes -> {}, reached::add);
        }
        assertThat(reached).containsExactly((long) MIB, 2L * MIB, 2L * MIB + 5);
    }

    @Test
    void whoIsToldOfProgressMayEndTheWork() throws Exception {
        try (FileChannel channel = ContentFile.open(directory, ContentFile.log(20 * MIB))) {
            List<Long> reached = new ArrayList<>();
            assertThatThrownBy(() -> deflater.deflate(channel, 20 * MIB, bytes -> {}, position -> {
                        reached.add(position);
                        throw new CancellationException();
                    }))
                    .isInstanceOf(CancellationException.class);
            assertThat(reached).hasSize(1);
        }
    }

    @Test
    void aFailureOfTheSinkEndsTheWork() throws Exception {
        try (FileChannel channel = ContentFile.open(directory, ContentFile.log(20 * MIB))) {
            IOException full = new IOException("full");
            assertThatThrownBy(() -> deflater.deflate(
                            channel,
                            20 * MIB,
                            bytes -> {
                                throw full;
                            },
                            Progress.IGNORED))
                    .isSameAs(full);
        }
    }

    @Test
    void aFileThatIsShorterThanPlannedIsAChange() throws Exception {
        try (FileChannel channel = ContentFile.open(directory, ContentFile.log(2 * MIB))) {
            assertThatThrownBy(() -> deflater.deflate(channel, 5 * MIB, bytes -> {}, Progress.IGNORED))
                    .isInstanceOf(ContentChanged.class);
        }
    }

    @Test
    void anExecutorThatTakesNoMoreEndsTheWork() throws Exception {
        threads.shutdown();
        try (FileChannel channel = ContentFile.open(directory, ContentFile.log(MIB))) {
            assertThatThrownBy(() -> deflater.deflate(channel, MIB, bytes -> {}, Progress.IGNORED))
                    .isInstanceOf(RejectedExecutionException.class);
        }
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aCallerThatIsTheExecutorsOnlyThreadDoesNotWaitForItself() throws Exception {
        ExecutorService single = Executors.newSingleThreadExecutor();
        try {
            byte[] content = ContentFile.log(9 * MIB);
            byte[] stream = single.submit(() -> deflateWhatever(new ParallelDeflater(single, 2), content))
                    .get();
            assertThat(inflate(stream)).isEqualTo(content);
        } finally {
            single.shutdown();
        }
    }

    private byte[] deflateWhatever(ParallelDeflater by, byte[] content) throws IOException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        try (FileChannel channel = ContentFile.open(directory, content)) {
            Optional<Deflated> deflated =
                    by.deflate(channel, content.length, Long.MAX_VALUE, into(stream), Progress.IGNORED);
            assertThat(deflated).isPresent();
        }
        return stream.toByteArray();
    }

    /** Raw; the stream must end where its bytes do. */
    private static byte[] inflate(byte[] stream) throws IOException {
        Inflater inflater = new Inflater(true);
        try (InflaterInputStream content = new InflaterInputStream(new ByteArrayInputStream(stream), inflater)) {
            byte[] bytes = content.readAllBytes();
            assertThat(inflater.getBytesRead()).isEqualTo(stream.length);
            return bytes;
        } finally {
            inflater.end();
        }
    }

    private static ParallelDeflater.Sink into(ByteArrayOutputStream stream) {
        return bytes -> stream.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
    }

    private static Fingerprint fingerprint(byte[] content) {
        ContentHasher hasher = new ContentHasher();
        hasher.update(ByteBuffer.wrap(content));
        return hasher.finish();
    }
}
