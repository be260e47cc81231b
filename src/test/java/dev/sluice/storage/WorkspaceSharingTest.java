package dev.sluice.storage;

import static dev.sluice.storage.NothingLeftOpen.descriptorsUnder;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several who have one file open. */
class WorkspaceSharingTest extends WorkspaceFixture {
    private static final int ENTRIES = 10;

    /** For whom everything that a test writes is an hour old. */
    @BeforeEach
    void letAnHourPass() throws IOException {
        workspace = new Workspace(root, ENTRIES, Clock.offset(Clock.systemUTC(), Duration.ofHours(1)));
    }

    @Test
    void whoReadsWhatAnotherReadsNeedsNoDescriptor() throws Exception {
        Path file = write("model/weights", "abc");
        LiveFile found = find("model/weights");
        OpenFile first = workspace.open(found);
        try (Workspace.Row row = workspace.row();
                OpenFile second = workspace.open(found);
                OpenFile third = row.open(found)) {
            assertThat(descriptorsUnder(file)).hasSize(1);
            first.close();
            assertThat(read(second)).isEqualTo("abc");
            assertThat(read(third)).isEqualTo("abc");
            second.recheck();
        }
    }

    @Test
    void aFileThatWasJustWrittenIsOpenedByEachForItself() throws Exception {
        workspace = new Workspace(root, ENTRIES, Clock.fixed(Instant.now(), ZoneOffset.UTC));
        Path file = write("model/weights", "abc");
        LiveFile found = find("model/weights");
        try (OpenFile first = workspace.open(found);
                OpenFile second = workspace.open(found)) {
            assertThat(descriptorsUnder(file)).hasSize(2);
            first.close();
            assertThat(read(second)).isEqualTo("abc");
        }
    }

    @Test
    void aFileInAnothersPlaceIsReadWhileTheFirstOneIsStillRead() throws Exception {
        Path file = write("model/weights", "first");
        LiveFile before = find("model/weights");
        try (OpenFile first = workspace.open(before)) {
            Files.move(write("model/other", "other"), file, StandardCopyOption.ATOMIC_MOVE);
            assertThatThrownBy(() -> workspace.open(before)).isInstanceOf(ContentChanged.class);
            try (OpenFile second = workspace.open(find("model/weights"))) {
                assertThat(read(second)).isEqualTo("other");
                assertThat(read(first)).isEqualTo("first");
                second.recheck();
                assertThatThrownBy(first::recheck).isInstanceOf(ContentChanged.class);
            }
        }
    }

    @Test
    void aGrownFileIsReadToItsNewEndAndToItsOldOne() throws Exception {
        Path log = write("training.log", "step 1\n");
        LiveFile before = find("training.log");
        try (OpenFile first = workspace.open(before)) {
            Files.writeString(log, "step 2\n", StandardOpenOption.APPEND);
            try (OpenFile grown = workspace.open(find("training.log"));
                    OpenFile cut = workspace.open(before)) {
                assertThat(read(first)).isEqualTo("step 1\n");
                assertThat(read(cut)).isEqualTo("step 1\n");
                assertThat(read(grown)).isEqualTo("step 1\nstep 2\n");
                first.recheck();
                cut.recheck();
                grown.recheck();
            }
        }
    }

    @Test
    void aTruncatedFileIsRefusedThoughSomebodyReadsIt() throws Exception {
        Path file = write("model/weights", "abc");
        LiveFile found = find("model/weights");
        try (OpenFile first = workspace.open(found)) {
            Files.writeString(file, "a");
            assertThatThrownBy(() -> workspace.open(found)).isInstanceOf(ContentChanged.class);
            assertThatThrownBy(first::recheck).isInstanceOf(ContentChanged.class);
        }
    }

    @Test
    void aRemovedFileIsGoneThoughSomebodyReadsIt() throws Exception {
        Path file = write("model/weights", "abc");
        LiveFile found = find("model/weights");
        try (OpenFile first = workspace.open(found)) {
            Files.delete(file);
            assertThatThrownBy(() -> workspace.open(found)).isInstanceOf(ContentChanged.class);
            assertThat(read(first)).isEqualTo("abc");
        }
    }

    @Test
    void aLinkInTheFilesPlaceIsNoLongerTheFileThoughSomebodyReadsIt() throws Exception {
        Path file = write("model/weights", "abc");
        LiveFile found = find("model/weights");
        try (OpenFile first = workspace.open(found)) {
            Path aside = Files.move(file, directory.resolve("aside"));
            Files.createSymbolicLink(file, aside);
            assertThatThrownBy(() -> workspace.open(found)).isInstanceOf(ContentChanged.class);
            assertThat(read(first)).isEqualTo("abc");
        }
    }

    @Test
    void whoReplacesTheFileWhileManyOpenItGivesNobodyAnothersContent() throws Exception {
        Path file = write("model/weights", "public");
        Path other = job.resolve("other");
        // Else an inode would be given to the next file, and that would pass for the first one, grown.
        Path inodes = Files.createDirectory(directory.resolve("inodes"));
        Files.createLink(inodes.resolve("first"), file);
        AtomicInteger number = new AtomicInteger();
        int shared = 0;
        try (Racing replacing = Racing.repeat(() -> {
            for (String content : List.of("longer than it", "public")) {
                Path kept = Files.writeString(inodes.resolve("kept-" + number.incrementAndGet()), content);
                Files.createLink(other, kept);
                Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
            }
        })) {
            for (int round = 0; round < 3_000 || shared == 0; round++) {
                LiveFile found = find("model/weights");
                String content = found.size() == "public".length() ? "public" : "longer than it";
                try (OpenFile first = workspace.open(found);
                        OpenFile second = workspace.open(found)) {
                    assertThat(read(first)).isEqualTo(content);
                    assertThat(read(second)).isEqualTo(content);
                    shared += second.channel() == first.channel() ? 1 : 0;
                } catch (ContentChanged refused) {
                    assertThat(refused).hasMessageContaining(found.path());
                }
            }
            assertThat(replacing.rounds()).isPositive();
        }
    }
}
