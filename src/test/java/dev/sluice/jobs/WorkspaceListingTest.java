package dev.sluice.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.http.EntityTag;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import dev.sluice.storage.LiveFile;
import dev.sluice.storage.Snapshot;
import dev.sluice.storage.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkspaceListingTest {
    private static final JobId JOB = new JobId("run-1");

    @TempDir
    private Path root;

    private WorkspaceListing listing;

    @BeforeEach
    void open() throws IOException {
        listing = new WorkspaceListing(new Workspace(root));
    }

    @Test
    void everyDirectoryBelowModelIsACheckpointOldestFirst() throws IOException {
        write("model/checkpoint-1000/weights.bin", 10, "2026-03-01T00:00:00Z");
        write("model/checkpoint-1000/deep/er/state.bin", 5, "2026-03-02T00:00:00Z");
        write("model/checkpoint-500/weights.bin", 7, "2026-02-01T00:00:00Z");
        write("model/config.json", 3, "2026-01-01T00:00:00Z");
        write("other/checkpoint-1/weights.bin", 3, "2026-01-01T00:00:00Z");
        Path empty = Files.createDirectories(at("model/empty"));
        Files.setLastModifiedTime(empty, FileTime.from(Instant.parse("2026-01-15T00:00:00Z")));
        assertThat(Checkpoint.in(listing.model(JOB).orElseThrow()))
                .containsExactly(
                        new Checkpoint("empty", 0, 0, Instant.parse("2026-01-15T00:00:00Z")),
                        new Checkpoint("checkpoint-500", 7, 1, Instant.parse("2026-02-01T00:00:00Z")),
                        new Checkpoint("checkpoint-1000", 15, 2, Instant.parse("2026-03-02T00:00:00Z")));
    }

    @Test
    void aCheckpointHoldsWhatAWalkOfItsDirectoryFinds() throws IOException {
        write("model/a/weights.bin", 10, "2026-03-01T00:00:00Z");
        write("model/a/deep/state.bin", 5, "2026-03-02T00:00:00Z");
        write("model/ab/weights.bin", 7, "2026-02-01T00:00:00Z");
        Files.createDirectories(at("model/a/none"));
        Snapshot model = listing.model(JOB).orElseThrow();
        assertThat(new Checkpoint("a", 15, 2, Instant.EPOCH).within(model))
                .isEqualTo(new Workspace(root).walk(JOB.value(), "model/a").orElseThrow());
    }

    @Test
    void aCheckpointOfAnyNameIsListed() throws IOException {
        write("model/a\"b <ü>\n/x", 1, "2026-01-01T00:00:00Z");
        Checkpoint checkpoint = Checkpoint.in(listing.model(JOB).orElseThrow()).get(0);
        assertThat(checkpoint.name()).isEqualTo("a\"b <ü>\n");
        assertThat(checkpoint.toJson(JOB, EntityTag.strong("t")).get("url").isNull())
                .isTrue();
    }

    @Test
    void aJobThatWroteNothingHasNeitherModelNorFiles() throws IOException {
        assertThat(listing.model(JOB)).isEmpty();
        assertThat(listing.files(JOB)).isEmpty();
    }

    @Test
    void everyRegularFileOfTheWorkspaceIsListedSmallestFirst() throws IOException {
        write("training.log", 20, "2026-01-01T00:00:00Z");
        write("model/a b.bin", 10, "2026-01-02T00:00:00Z");
        write("extra/notes.txt", 0, "2026-01-03T00:00:00Z");
        Files.createSymbolicLink(at("model/link"), at("training.log"));
        Files.createSymbolicLink(at("linked"), root);
        assertThat(listing.files(JOB))
                .extracting(LiveFile::path)
                .containsExactly("extra/notes.txt", "model/a b.bin", "training.log");
    }

    @Test
    void aLeaderboardIsReadFromTheWorkspace() throws IOException {
        Files.createDirectories(at("models"));
        Files.writeString(at("models/leaderboard.csv"), "model,accuracy\na,0.5\nb,0.75\n");
        assertThat(Json.text(listing.leaderboard(JOB)))
                .isEqualTo("{\"leaderboard\":[{\"rank\":1,\"model\":\"b\",\"accuracy\":0.75},"
                        + "{\"rank\":2,\"model\":\"a\",\"accuracy\":0.5}]}");
    }

    @Test
    void noLeaderboardIsNotFoundAlsoWhenItIsALink() throws IOException {
        assertProblem(Problem.notFound("Leaderboard not found"));
        Files.createDirectories(at("models"));
        Files.writeString(root.resolve("secret.csv"), "model\nx\n");
        Files.createSymbolicLink(at("models/leaderboard.csv"), root.resolve("secret.csv"));
        assertProblem(Problem.notFound("Leaderboard not found"));
    }

    @Test
    void aLeaderboardThatIsNoTableIsTheTrainersConflict() throws IOException {
        write("models/leaderboard.csv", Leaderboard.MAX_SIZE + 1, "2026-01-01T00:00:00Z");
        assertProblem(Problem.conflict("Leaderboard cannot be read: more than 1048576 bytes"));
        Files.writeString(at("models/leaderboard.csv"), "model\n\"never closed");
        assertProblem(Problem.conflict("Leaderboard cannot be read: not a CSV file"));
    }

    private void assertProblem(Problem expected) {
        assertThatThrownBy(() -> listing.leaderboard(JOB))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refused -> assertThat(refused.problem()).isEqualTo(expected));
    }

    private Path at(String path) {
        return root.resolve(JOB.value()).resolve(path);
    }

    private void write(String path, int size, String modified) throws IOException {
        Path file = at(path);
        Files.createDirectories(file.getParent());
        Files.write(file, new byte[size]);
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse(modified)));
    }
}
