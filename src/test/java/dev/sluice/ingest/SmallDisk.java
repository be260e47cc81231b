package dev.sluice.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file system of few bytes, which only root may mount. Closing it fails when a descriptor on it is left open. */
public final class SmallDisk implements AutoCloseable {
    private final Path root;

    private SmallDisk(Path root) {
        this.root = root;
    }

    /** Skips the test where this user may not mount; fails it where root may not, and the tools are required. */
    public static SmallDisk mount(Path at, long bytes) throws IOException, InterruptedException {
        Files.createDirectories(at);
        boolean mounted = run("mount", "-t", "tmpfs", "-o", "size=" + bytes, "sluice-test", at.toString());
        boolean required = "required".equals(System.getenv("SLUICE_TEST_TOOLS")) && run("test", "-w", "/");
        assertThat(mounted || !required).as("root can mount a tmpfs").isTrue();
        assumeTrue(mounted, "this user may not mount a file system");
        return new SmallDisk(at);
    }

    public Path root() {
        return root;
    }

    /** Takes all that is left, also of a disk to which others write meanwhile. */
    Path fill() throws IOException {
        Path filler = root.resolve("filler");
        byte[] page = new byte[4096];
        try (OutputStream out = Files.newOutputStream(filler, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            while (true) {
                out.write(page);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left");
            return filler;
        }
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException notInstalled) {
            return false;
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        assertThat(run("umount", root.toString())).isTrue();
    }
}
