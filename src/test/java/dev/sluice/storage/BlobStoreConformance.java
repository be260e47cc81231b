package dev.sluice.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every blob store keeps to. */
abstract class BlobStoreConformance {
    /** Of {@code abc}, FIPS 180-4. */
    static final BlobId ABC = new BlobId("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 3);

    static final BlobId ABSENT = new BlobId("0".repeat(64), 3);

    BlobStore store;

    /** An empty store. */
    abstract BlobStore create() throws IOException;

    @BeforeEach
    void createStore() throws IOException {
        store = create();
    }

    @Test
    void contentIsNamedByWhatWasWritten() throws Exception {
        assertThat(put("abc")).isEqualTo(ABC);
        assertThat(get(ABC)).isEqualTo("abc");
        assertThat(store.exists(ABC)).isTrue();
    }

    @Test
    void bytesWrittenByTheCallersOwnMeansAreTheSameContent() throws Exception {
        try (StagedBlob staged = store.stage();
                FileChannel own = FileChannel.open(staged.path(), StandardOpenOption.WRITE)) {
            ByteBuffer bytes = utf8("abc");
            staged.update(bytes);
            own.write(bytes);
            assertThat(staged.fingerprint().sha256()).isEqualTo(ABC.sha256());
            assertThat(staged.commit()).isEqualTo(ABC);
        }
        assertThat(get(ABC)).isEqualTo("abc");
    }

    @Test
    void emptyContentIsContent() throws Exception {
        BlobId empty = put("");
        assertThat(empty.size()).isZero();
        assertThat(get(empty)).isEmpty();
    }

    @Test
    void theSameContentAgainIsTheSameBlob() throws Exception {
        put("abc");
        assertThat(put("abc")).isEqualTo(ABC);
        assertThat(list()).containsExactly(ABC);
    }

    @Test
    void writersOfTheSameContentAtOnceAllSucceed() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            for (int round = 0; round < 20; round++) {
                String content = "round " + round;
                CyclicBarrier together = new CyclicBarrier(4);
                List<Callable<BlobId>> writers = IntStream.range(0, 4)
                        .<Callable<BlobId>>mapToObj(i -> () -> {
                            together.await();
                            return put(content);
                        })
                        .toList();
                for (Future<BlobId> written : threads.invokeAll(writers)) {
                    assertThat(get(written.get())).isEqualTo(content);
                }
            }
        } finally {
            threads.shutdown();
        }
        assertThat(list()).hasSize(20);
    }

    @Test
    void aCancelledBlobIsNowhere() throws Exception {
        try (StagedBlob staged = store.stage()) {
            staged.write(utf8("abc"));
            staged.cancel();
            assertThatThrownBy(staged::commit).isInstanceOf(IllegalStateException.class);
        }
        assertThat(store.exists(ABC)).isFalse();
        assertThat(list()).isEmpty();
    }

    @Test
    void bytesThatWereHashedButNotWrittenAreNeverABlob() throws Exception {
        try (StagedBlob staged = store.stage()) {
            staged.update(utf8("abc"));
            assertThatThrownBy(staged::commit).isInstanceOf(ContentChanged.class);
        }
        assertThat(store.exists(ABC)).isFalse();
    }

    @Test
    void whatIsNotThereIsMissing() throws Exception {
        assertThat(store.exists(ABSENT)).isFalse();
        assertThat(store.delete(ABSENT)).isFalse();
        assertThatThrownBy(() -> store.open(ABSENT)).isInstanceOf(BlobMissing.class);
    }

    @Test
    void aBlobOfAnotherSizeIsNotTheOneAskedFor() throws Exception {
        put("abc");
        BlobId longer = new BlobId(ABC.sha256(), 4);
        assertThat(store.exists(longer)).isFalse();
        assertThatThrownBy(() -> store.open(longer)).isInstanceOf(ContentChanged.class);
    }

    @Test
    void aDeletedBlobIsGoneUntilItIsPutAgain() throws Exception {
        put("abc");
        assertThat(store.delete(ABC)).isTrue();
        assertThat(store.exists(ABC)).isFalse();
        assertThatThrownBy(() -> store.open(ABC)).isInstanceOf(BlobMissing.class);
        assertThat(put("abc")).isEqualTo(ABC);
        assertThat(get(ABC)).isEqualTo("abc");
    }

    @Test
    void aQuarantinedBlobIsMissingUntilItIsPutAgain() throws Exception {
        put("abc");
        assertThat(store.quarantine(ABC)).isTrue();
        assertThatThrownBy(() -> store.open(ABC)).isInstanceOf(BlobMissing.class);
        assertThat(list()).isEmpty();
        assertThat(store.quarantine(ABC)).isFalse();
        put("abc");
        assertThat(get(ABC)).isEqualTo("abc");
    }

    @Test
    void theListShowsEveryBlobWithItsSize() throws Exception {
        List<BlobId> put = List.of(put("abc"), put(""), put("longer"));
        assertThat(list()).containsExactlyInAnyOrderElementsOf(put);
    }

    BlobId put(String content) throws IOException {
        try (StagedBlob staged = store.stage()) {
            staged.write(utf8(content));
            return staged.commit();
        }
    }

    String get(BlobId id) throws IOException {
        try (ReadableByteChannel channel = store.open(id)) {
            return read(channel, (int) id.size());
        }
    }

    List<BlobId> list() throws IOException {
        List<BlobId> seen = new ArrayList<>();
        store.list(blob -> seen.add(blob.id()));
        return seen;
    }

    static String read(ReadableByteChannel channel, int size) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(size);
        while (bytes.hasRemaining()) {
            assertThat(channel.read(bytes)).isPositive();
        }
        return StandardCharsets.UTF_8.decode(bytes.flip()).toString();
    }

    static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
