package dev.sluice.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.sluice.archive.EntryName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM of its own that commits one upload, run by strace, which lets one of its system calls fail or kill it. */
final class CommittingProcess {
    /** As {@code Process.exitValue} gives it for a process that strace saw die by SIGKILL. */
    static final int KILLED = 128 + 9;

    static final int COMMITTED = 0;
    static final int FULL = 3;
    static final int FAILED = 4;

    private CommittingProcess() {}

    /** What the process does: stages {@code content} for a path of a job, commits it and says by its exit value what came of it. */
    public static void main(String[] arguments) throws Exception {
        Workspace workspace = new Workspace(Path.of(arguments[0]));
        byte[] content = ContentFile.log(Integer.parseInt(arguments[2]));
        try (StagedUpload upload = workspace.stage("job", EntryName.parse(arguments[1]))) {
            upload.write(ByteBuffer.wrap(content));
            upload.commit();
        } catch (StorageFull full) {
            System.exit(FULL);
        } catch (IOException failed) {
            System.exit(FAILED);
        }
        System.exit(COMMITTED);
    }

    /**
     * Runs it.
     *
     * @param injection as strace's {@code -e inject=}; what it names is traced
     * @return its exit value
     */
    static int run(Path root, String path, int size, String injection) throws IOException, InterruptedException {
        requireStrace();
        String call = injection.substring(0, injection.indexOf(':'));
        Path output = Files.createTempFile("committing-process", ".out");
        try {
            Process process = new ProcessBuilder(List.of(
                            "strace",
                            "-f",
                            "-qq",
                            "-e",
                            "trace=" + call,
                            "-e",
                            "inject=" + injection,
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            CommittingProcess.class.getName(),
                            root.toString(),
                            path,
                            Integer.toString(size)))
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (!process.waitFor(2, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                fail("the process hangs");
            }
            assertThat(output).as("what was injected").content().containsAnyOf("(INJECTED)", "killed by SIGKILL");
            return process.exitValue();
        } finally {
            Files.delete(output);
        }
    }

    private static void requireStrace() throws InterruptedException {
        boolean works = tracesTrue();
        if (!works && "required".equals(System.getenv("SLUICE_TEST_TOOLS"))) {
            fail("strace is not installed, or may not trace");
        } else if (!works) {
            abort("skipped: strace is not installed, or may not trace");
        }
    }

    private static boolean tracesTrue() throws InterruptedException {
        try {
            return new ProcessBuilder("strace", "-qq", "true")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException notInstalled) {
            return false;
        }
    }
}
