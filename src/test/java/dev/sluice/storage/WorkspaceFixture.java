package dev.sluice.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.archive.EntryName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A workspace with one job, {@code job}, and whatever lies outside of it. */
abstract class WorkspaceFixture {
    @TempDir
    Path directory;

    Path root;
    Path job;
    Workspace workspace;

    @BeforeEach
    void createWorkspace() throws IOException {
        root = directory.resolve("workspace");
        workspace = new Workspace(root);
        job = Files.createDirectory(root.resolve("job"));
    }

    @AfterEach
    void nothingIsLeftBehind() throws IOException {
        NothingLeftOpen.assertNothingStaged(root);
        NothingLeftOpen.assertNoDescriptorsUnder(directory);
    }

    Path write(String path, String content) throws IOException {
        Path file = job.resolve(path);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    LiveFile find(String path) throws Exception {
        return workspace.find("job", EntryName.parse(path)).orElseThrow();
    }

    static String read(OpenFile file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) file.file().size());
        while (bytes.hasRemaining()) {
            assertThat(file.channel().read(bytes, bytes.position())).isPositive();
        }
        return new String(bytes.array(), StandardCharsets.UTF_8);
    }

    static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    static void makeFifo(Path path) throws Exception {
        Process mkfifo = new ProcessBuilder("mkfifo", path.toString()).start();
        assertThat(mkfifo.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(mkfifo.exitValue()).isZero();
    }
}
