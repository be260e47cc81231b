package dev.sluice.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
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

    private Path file() {
        return directory.resolve("store/blobs/ba/78").resolve(ABC.sha256());
    }
}
