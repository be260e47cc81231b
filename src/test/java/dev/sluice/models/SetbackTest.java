package dev.sluice.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import dev.sluice.storage.ContentChanged;
import dev.sluice.storage.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Those that an outcome of the database or of admission cause are in {@link ArtifactFetchTest}. */
class SetbackTest {
    @Test
    void eachFailureHasItsOwnConsequence() {
        Map.of(
                        new Artifacts.Stopped(), Setback.STOPPED,
                        new Publisher.Moving(), Setback.MOVING,
                        new ContentChanged("x"), Setback.MOVING,
                        new Publisher.NoModel(), Setback.NOTHING_THERE,
                        new IOException("x"), Setback.UNREADABLE,
                        new ProblemException(Problem.notFound("x")), Setback.UNEXPECTED,
                        new IllegalStateException("x"), Setback.UNEXPECTED)
                .forEach((failure, setback) ->
                        assertThat(Setback.of(failure)).as(failure.toString()).isEqualTo(setback));
    }

    @Test
    void aDirectoryThatIsTooDeepIsNotMendedByTime(@TempDir Path root) throws Exception {
        Files.createDirectories(root.resolve("job/model" + "/d".repeat(64)));
        Throwable failure = catchThrowable(() -> new Workspace(root).walk("job", "model"));
        assertThat(Setback.of(failure)).isEqualTo(Setback.TOO_MUCH);
    }
}
