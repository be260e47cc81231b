package dev.sluice.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalBlobStoreTest extends BlobStoreConformance {
    @TempDir
    Path directory;

    @Override
    LocalBlobStore create() throws IOException {
        return new LocalBlobStore(directory.resolve("store"));
    }

    @AfterEach
    void nothingIsLeftBehind() throws IOException {
        NothingLeftOpen.assertNothingStaged(directory.resolve("store"));
        NothingLeftOpen.assertNoDescriptorsUnder(directory);
    }

    @Test
    void aBlobIsAReadOnlyFileUnderTheFirstDigitsOfItsName() throws Exception {
        put("abc");
        assertThat(file()).hasContent("abc");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("r--r--r--");
    }

    @Test
    void whoReadsABlobThatIsDeletedGoesOn() throws Exception {
        put("abc");
        try (ReadableByteChannel reading = store.open(ABC)) {
            assertThat(store.delete(ABC)).isTrue();
            assertThat(read(reading, 3)).isEqualTo("abc");
        }
    }

    @Test
    void aTornBlobIsHealedByTheSameContent() throws Exception {
        put("abc");
        Files.delete(file());
        Files.writeString(file(), "ab");
        assertThat(put("abc")).isEqualTo(ABC);
        assertThat(get(ABC)).isEqualTo("abc");
    }

    @Test
    void aLinkInABlobsPlaceIsNotFollowed() throws Exception {
        put("abc");
        Files.delete(file());
        Files.createSymbolicLink(file(), Files.writeString(directory.resolve("elsewhere"), "abc"));
        assertThatThrownBy(() -> store.open(ABC)).isInstanceOf(IOException.class);
    }

    @Test
    void aStoreThatIsOpenedAgainHoldsWhatItHeld() throws Exception {
        put("abc");
        store = create();
        assertThat(get(ABC)).isEqualTo("abc");
    }

    @Test
    void whatIsNoBlobIsNotListed() throws Exception {
        put("abc");
        Files.writeString(file().resolveSibling("README"), "hello");
        assertThat(list()).isEqualTo(List.of(ABC));
    }

    @Test
    void theListTellsWhenABlobWasStored() throws Exception {
        put("abc");
        FileTime stored = FileTime.from(Instant.parse("2024-01-02T03:04:05Z"));
        Files.setLastModifiedTime(file(), stored);
        store.list(blob -> assertThat(blob).isEqualTo(new StoredBlob(ABC, stored.toInstant())));
    }

    @Test
    void whatAnEarlierProcessLeftIsCollected() throws Exception {
        Path left = Files.writeString(directory.resolve("store/.staging/left"), "half");
        Files.setLastModifiedTime(left, FileTime.from(Instant.now().minus(Duration.ofDays(1))));
        store.collectStaged(Duration.ofHours(1));
        assertThat(left).doesNotExist();
    }

    @Test
    void whoReadsABlobThatAnotherReadsNeedsNoDescriptor() throws Exception {
        put("abc");
        SharedChannel first = share();
        try (SharedChannel second = share()) {
            assertThat(NothingLeftOpen.descriptorsUnder(file())).hasSize(1);
            first.close();
            assertThat(read(second)).isEqualTo("abc");
        }
    }

    @Test
    void whoReadsOnFromTheFirstByteSharesWithNobody() throws Exception {
        put("abc");
        try (SharedChannel shared = share();
                ReadableByteChannel own = store.open(ABC)) {
            assertThat(read(own, 3)).isEqualTo("abc");
            assertThat(shared.channel().position()).isZero();
        }
    }

    @Test
    void aDeletedBlobIsMissingThoughSomebodyReadsIt() throws Exception {
        put("abc");
        try (SharedChannel reading = share()) {
            assertThat(store.delete(ABC)).isTrue();
            assertThatThrownBy(this::share).isInstanceOf(BlobMissing.class);
            assertThat(read(reading)).isEqualTo("abc");
        }
    }

    @Test
    void aBlobThatIsRestoredIsReadAnewThoughSomebodyReadsTheBadOne() throws Exception {
        put("abc");
        Files.delete(file());
        Files.writeString(file(), "abd");
        try (SharedChannel bad = share()) {
            assertThat(store.quarantine(ABC)).isTrue();
            assertThatThrownBy(this::share).isInstanceOf(BlobMissing.class);
            put("abc");
            try (SharedChannel restored = share()) {
                assertThat(read(restored)).isEqualTo("abc");
                assertThat(read(bad)).isEqualTo("abd");
            }
        }
    }

    @Test
    void aBlobOfAnotherSizeIsNotShared() throws Exception {
        put("abc");
        Files.delete(file());
        Files.writeString(file(), "abcd");
        assertThatThrownBy(this::share).isInstanceOf(ContentChanged.class);
    }

    @Test
    void whoReplacesABlobWhileItIsOpenedNeverLetsTheBadOneBeSharedForTheGoodOne() throws Exception {
        put("abc");
        Path inodes = Files.createDirectory(directory.resolve("inodes"));
        AtomicInteger number = new AtomicInteger();
        int shared = 0;
        try (Racing replacing = Racing.repeat(() -> {
            for (String content : List.of("abd", "abc")) {
                Path kept = Files.writeString(inodes.resolve("kept-" + number.incrementAndGet()), content);
                Path next = inodes.resolve("next");
                Files.createLink(next, kept);
                Files.move(next, file(), StandardCopyOption.ATOMIC_MOVE);
            }
        })) {
            for (int round = 0; round < 3_000; round++) {
                try (SharedChannel first = share()) {
                    Object before = inode();
                    try (SharedChannel second = share()) {
                        String content = Files.readString(file());
                        if (inode().equals(before)) {
                            shared += second.channel() == first.channel() ? 1 : 0;
                            assertThat(read(second)).isEqualTo(content);
                        }
                    }
                }
            }
            assertThat(replacing.rounds()).isPositive();
        }
        assertThat(shared).isPositive();
    }

    private Object inode() throws IOException {
        return Files.readAttributes(file(), BasicFileAttributes.class).fileKey();
    }

    private SharedChannel share() throws IOException {
        return ((LocalBlobStore) store).share(ABC);
    }

    private static String read(SharedChannel share) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(3);
        FileBytes.read(share.channel(), 0, bytes);
        return StandardCharsets.UTF_8.decode(bytes.flip()).toString();
    }

    private Path file() {
        return directory.resolve("store/blobs/ba/78").resolve(ABC.sha256());
    }
}
