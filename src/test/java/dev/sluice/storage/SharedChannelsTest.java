package dev.sluice.storage;

import static dev.sluice.storage.NothingLeftOpen.descriptorsUnder;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedChannelsTest {
    private static final FileIdentity STATE = new FileIdentity(3, 1, 1, 7);
    private static final int THREADS = 8;

    @TempDir
    Path directory;

    private final SharedChannels<String> channels = new SharedChannels<>();
    private Path file;

    @BeforeEach
    void write() throws IOException {
        file = Files.writeString(directory.resolve("file"), "abc");
    }

    @AfterEach
    void nothingIsLeftOpen() throws IOException {
        assertThat(channels.size()).isZero();
        NothingLeftOpen.assertNoDescriptorsUnder(directory);
    }

    @Test
    void theSameStateIsOpenOnceUntilTheLastOneCloses() throws Exception {
        SharedChannel first = share();
        SharedChannel second = share();
        assertThat(second.channel()).isSameAs(first.channel());
        assertThat(descriptorsUnder(file)).hasSize(1);
        first.close();
        assertThat(read(second)).isEqualTo("abc");
        second.close();
        assertThat(second.channel().isOpen()).isFalse();
    }

    @Test
    void whoClosesTwiceGivesUpOneShare() throws Exception {
        SharedChannel first = share();
        try (SharedChannel second = share()) {
            first.close();
            first.close();
            assertThat(read(second)).isEqualTo("abc");
        }
    }

    @Test
    void whoComesAfterTheLastOneGetsAChannelOfItsOwn() throws Exception {
        share().close();
        try (SharedChannel next = share()) {
            assertThat(read(next)).isEqualTo("abc");
        }
    }

    @Test
    void anotherNameOrAnotherStateIsAnotherDescriptor() throws Exception {
        FileIdentity later = new FileIdentity(3, 1, 2, 7);
        try (SharedChannel one = share();
                SharedChannel renamed = channels.share("other", STATE, FileChannel.open(file));
                SharedChannel changed = channels.share("name", later, FileChannel.open(file))) {
            assertThat(List.of(one.channel(), renamed.channel(), changed.channel()))
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void aChannelThatAnInterruptHasClosedIsReplacedAndNotCountedForTheNewOne() throws Exception {
        SharedChannel interrupted = share();
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> read(interrupted)).isInstanceOf(ClosedByInterruptException.class);
        assertThat(Thread.interrupted()).isTrue();
        SharedChannel next = share();
        assertThat(read(next)).isEqualTo("abc");
        interrupted.close();
        try (SharedChannel another = share()) {
            assertThat(another.channel()).isSameAs(next.channel());
            next.close();
            assertThat(read(another)).isEqualTo("abc");
        }
    }

    @Test
    void aFailureToCloseTheSecondDescriptorTakesNoShare() throws Exception {
        SharedChannel held = share();
        assertThatThrownBy(() -> channels.share("name", STATE, unclosable())).hasMessage("closing failed");
        assertThat(read(held)).isEqualTo("abc");
        held.close();
        assertThat(held.channel().isOpen()).isFalse();
    }

    @Test
    void aFailureToCloseTheLastShareIsToldOnceAndLeavesNothing() throws Exception {
        SharedChannel held = channels.share("name", STATE, unclosable());
        assertThatThrownBy(held::close).hasMessage("closing failed");
        held.close();
        assertThat(channels.size()).isZero();
    }

    @Test
    void allWhoComeAtOnceEndWithOneDescriptor() throws Exception {
        CyclicBarrier together = new CyclicBarrier(THREADS);
        inParallel(() -> {
            for (int round = 0; round < 200; round++) {
                together.await();
                SharedChannel share = share();
                together.await();
                assertThat(descriptorsUnder(file)).hasSize(1);
                together.await();
                share.close();
                together.await();
                assertThat(share.channel().isOpen()).isFalse();
            }
            return null;
        });
    }

    @Test
    void nobodyIsGivenAChannelThatAnotherIsClosing() throws Exception {
        // Without a system call between them the threads meet in the one place that matters.
        inParallel(() -> {
            for (int round = 0; round < 100_000; round++) {
                try (SharedChannel share = channels.share("name", STATE, new UnrealChannel(() -> {}))) {
                    assertThat(share.channel().isOpen()).isTrue();
                }
            }
            return null;
        });
    }

    private static UnrealChannel unclosable() {
        return new UnrealChannel(() -> {
            throw new IOException("closing failed");
        });
    }

    private static void inParallel(Callable<Void> work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Callable<Void>> all = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                all.add(work);
            }
            for (Future<Void> done : threads.invokeAll(all, 60, TimeUnit.SECONDS)) {
                done.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private SharedChannel share() throws IOException {
        return channels.share("name", STATE, FileChannel.open(file));
    }

    private static String read(SharedChannel share) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(3);
        FileBytes.read(share.channel(), 0, bytes);
        return new String(bytes.array(), StandardCharsets.UTF_8);
    }
}
