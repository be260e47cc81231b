package dev.sluice.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A commit that is killed or fails at each of its steps: the old file stays whole, or the new one is. */
class CommitFaultsTest extends WorkspaceFixture {
    private static final int SIZE = 300_000;

    @ParameterizedTest
    @CsvSource({
        "'fsync:signal=KILL:when=1', false",
        "'/^rename:signal=KILL:when=1', false",
        "'fsync:signal=KILL:when=2', true"
    })
    void aKilledCommitLeavesTheOldFileOrTheNewAndWhatItStagedIsCollected(String injection, boolean renamed)
            throws Exception {
        Path weights = write("model/weights", "old");
        assertThat(CommittingProcess.run(root, "model/weights", SIZE, injection))
                .isEqualTo(CommittingProcess.KILLED);
        assertThat(weights).hasBinaryContent(renamed ? ContentFile.log(SIZE) : "old".getBytes(StandardCharsets.UTF_8));
        assertThat(staged()).isEqualTo(renamed ? 0 : 1);
        workspace.collectStaged(Duration.ZERO);
    }

    @Test
    void aCommitThatIsKilledWhileItMakesDirectoriesShowsNoFile() throws Exception {
        for (int rename = 1; rename <= 3; rename++) {
            String path = "model-" + rename + "/checkpoint/weights";
            assertThat(CommittingProcess.run(root, path, SIZE, "/^rename:signal=KILL:when=" + rename))
                    .isEqualTo(CommittingProcess.KILLED);
            assertThat(job.resolve(path)).doesNotExist();
            workspace.collectStaged(Duration.ZERO);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'fsync:error=EIO:when=1', 4",
        "'fsync:error=ENOSPC:when=1', 3",
        "'/^rename:error=ENOSPC', 3",
        "'/^rename:error=EIO', 4"
    })
    void aFailedStepFailsTheCommitForGoodAndDiscards(String injection, int exit) throws Exception {
        Path weights = write("model/weights", "old");
        assertThat(CommittingProcess.run(root, "model/weights", SIZE, injection))
                .isEqualTo(exit);
        assertThat(weights).hasContent("old");
        assertThat(staged()).isZero();
    }

    private long staged() throws Exception {
        try (Stream<Path> staged = Files.list(root.resolve(".staging"))) {
            return staged.count();
        }
    }
}
