package dev.sluice.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class WorkspaceWalkTest extends WorkspaceFixture {
    @Test
    void filesComeSmallestFirstAndEqualSizesByTheBytesOfTheirPath() throws Exception {
        write("model/weights.bin", "large file");
        write("model/b", "1");
        write("model/a/z", "1");
        // U+1F600 is written with surrogates (D83D), which UTF-16 order puts before U+FF5E.
        write("model/\uD83D\uDE00", "1");
        write("model/\uFF5E", "1");
        write("model/empty", "");
        assertThat(paths("model"))
                .containsExactly(
                        "model/empty",
                        "model/a/z",
                        "model/b",
                        "model/\uFF5E",
                        "model/\uD83D\uDE00",
                        "model/weights.bin");
    }

    @Test
    void aSubtreeIsWalkedAloneAndKnowsItsRelativePaths() throws Exception {
        write("model/config.json", "{}");
        write("model/checkpoint-500/weights", "w");
        Snapshot snapshot = workspace.walk("job", "model/checkpoint-500").orElseThrow();
        assertThat(snapshot.files())
                .extracting(LiveFile::path, file -> snapshot.relative(file.path()))
                .containsExactly(tuple("model/checkpoint-500/weights", "weights"));
        assertThat(snapshot.size()).isEqualTo(1);
    }

    @Test
    void theEmptySubtreeIsTheWholeJobAndNoOther() throws Exception {
        write("training.log", "line");
        write("model/weights", "w");
        Files.writeString(Files.createDirectory(root.resolve("other-job")).resolve("file"), "f");
        assertThat(paths("")).containsExactly("model/weights", "training.log");
        assertThat(workspace.walk("job", "").orElseThrow().relative("model/weights"))
                .isEqualTo("model/weights");
        assertThat(workspace.walk("", "")).isEmpty();
    }

    @Test
    void sizeTimeModeAndInodeAreTheFilesOwn() throws Exception {
        Path file = write("model/run.sh", "#!");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-x---"));
        Instant modified = Instant.parse("2024-05-06T07:08:09.123456789Z");
        Files.setLastModifiedTime(file, FileTime.from(modified));
        LiveFile live = workspace.walk("job", "model").orElseThrow().files().get(0);
        assertThat(live.mode()).isEqualTo(0750);
        assertThat(live.size()).isEqualTo(2);
        assertThat(live.modified()).isEqualTo(modified);
        assertThat(live.identity().inode()).isEqualTo(Files.getAttribute(file, "unix:ino"));
        assertThat(live.identity().changedNanos())
                .isEqualTo(((FileTime) Files.getAttribute(file, "unix:ctime")).to(TimeUnit.NANOSECONDS));
    }

    @Test
    void linksAreLeftOutWhateverTheyLeadTo() throws Exception {
        write("secret/key", "outside of the subtree");
        write("model/real", "r");
        Files.createSymbolicLink(job.resolve("model/file"), Path.of("real"));
        Files.createSymbolicLink(job.resolve("model/directory"), job.resolve("secret"));
        Files.createSymbolicLink(job.resolve("model/dangling"), Path.of("nothing"));
        Files.createSymbolicLink(job.resolve("model/circle"), Path.of("."));
        assertThat(paths("model")).containsExactly("model/real");
    }

    @Test
    void aHardLinkIsAFileLikeAnyOther() throws Exception {
        Path outside = Files.writeString(directory.resolve("shared"), "shared");
        write("model/real", "r");
        Files.createLink(job.resolve("model/linked"), outside);
        assertThat(paths("model")).containsExactly("model/real", "model/linked");
    }

    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aFifoNeitherBlocksTheWalkNorAppears() throws Exception {
        write("model/real", "r");
        makeFifo(job.resolve("model/fifo"));
        makeFifo(job.resolve("queue"));
        assertThat(paths("model")).containsExactly("model/real");
        assertThat(workspace.walk("job", "queue")).isEmpty();
    }

    @Test
    void whereThereIsNoDirectoryThereIsNoSnapshot() throws Exception {
        write("file", "f");
        Files.createSymbolicLink(job.resolve("link"), Path.of("."));
        Files.createSymbolicLink(root.resolve("linked-job"), job);
        write("model/real", "r");
        for (String subtree :
                List.of("missing", "file", "link", "link/model", "..", "model/..", "/", "model/", "a\0b")) {
            assertThat(workspace.walk("job", subtree)).as(subtree).isEmpty();
        }
        for (String jobId : List.of("other", "linked-job", "..", ".", "", "job/model", ".staging")) {
            assertThat(workspace.walk(jobId, "model")).as(jobId).isEmpty();
        }
    }

    @Test
    void onlyDirectoriesBelowWhichNothingIsServedAreListed() throws Exception {
        write("model/full/file", "f");
        Files.createDirectories(job.resolve("model/a/b"));
        Files.createDirectories(job.resolve("model/only-links"));
        Files.createSymbolicLink(job.resolve("model/only-links/link"), Path.of("."));
        assertThat(workspace.walk("job", "model").orElseThrow().emptyDirectories())
                .extracting(LiveDirectory::path)
                .containsExactly("model/a/b", "model/only-links");
    }

    @Test
    void anEmptySubtreeGivesAnEmptySnapshot() throws Exception {
        Files.createDirectory(job.resolve("model"));
        Snapshot snapshot = workspace.walk("job", "model").orElseThrow();
        assertThat(snapshot.files()).isEmpty();
        assertThat(snapshot.emptyDirectories()).isEmpty();
    }

    @Test
    void moreEntriesThanAllowedAreAFailureAndAsManyAreNot() throws Exception {
        write("model/a", "1");
        write("model/b/c", "1");
        assertThat(new Workspace(root, 3, Clock.systemUTC()).walk("job", "model"))
                .isPresent();
        Workspace small = new Workspace(root, 2, Clock.systemUTC());
        assertThatThrownBy(() -> small.walk("job", "model")).isInstanceOf(TooManyEntries.class);
    }

    @Test
    void aTreeTooDeepIsAFailureAndNotAnExhaustionOfDescriptors() throws Exception {
        Files.createDirectories(job.resolve("model" + "/d".repeat(63)));
        assertThat(workspace.walk("job", "model")).isPresent();
        Files.createDirectories(job.resolve("model" + "/d".repeat(64)));
        assertThatThrownBy(() -> workspace.walk("job", "model")).isInstanceOf(TooManyEntries.class);
    }

    @Test
    void aNameThatIsNoTextIsAFailureAndNotAnIncompleteArchive() throws Exception {
        Files.createDirectory(job.resolve("model"));
        Process touch = new ProcessBuilder("sh", "-c", "touch \"$(printf 'gr\\374n')\"")
                .directory(job.resolve("model").toFile())
                .start();
        assertThat(touch.waitFor()).isZero();
        assertThatThrownBy(() -> workspace.walk("job", "model")).isInstanceOf(UnrepresentableName.class);
    }

    @Test
    void aDirectoryThatMayNotBeReadIsAFailure() throws Exception {
        write("model/closed/file", "f");
        Path closed = job.resolve("model/closed");
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
        try {
            assumeTrue(!Files.isReadable(closed), "this user may read everything");
            assertThatThrownBy(() -> workspace.walk("job", "model")).isInstanceOf(AccessDeniedException.class);
        } finally {
            Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void filesThatVanishDuringTheWalkAreLeftOutAndTheOthersAreNot() throws Exception {
        write("model/stays", "s");
        try (Racing vanishing = Racing.repeat(() -> {
            Files.writeString(job.resolve("model/comes-and-goes"), "");
            Files.delete(job.resolve("model/comes-and-goes"));
        })) {
            for (int round = 0; round < 500; round++) {
                assertThat(paths("model")).contains("model/stays").doesNotContain("model/other");
            }
            assertThat(vanishing.rounds()).isPositive();
        }
    }

    private List<String> paths(String subtree) throws IOException {
        return workspace.walk("job", subtree).orElseThrow().files().stream()
                .map(LiveFile::path)
                .toList();
    }
}
