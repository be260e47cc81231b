package dev.sluice.faults;

import dev.sluice.archive.ExternalTool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Lets system calls of a running process fail, or be the last; closing it lets them succeed again. Blocking. */
final class Strace implements AutoCloseable {
    private final Path output;
    private final Process process;

    private Strace(Path output, Process process) {
        this.output = output;
        this.process = process;
    }

    /**
     * Returns when all threads are traced. What they count, they count from then on, each for itself.
     *
     * @param injection as strace's {@code -e inject=}
     * @param files only calls that concern these; any if there are none
     */
    static Strace attach(ProcessHandle traced, String injection, Path... files) {
        new ExternalTool("strace").requirePresent();
        try {
            Path output = Files.createTempFile("sluice-strace", ".out");
            List<String> command = new ArrayList<>(List.of(
                    "strace",
                    "-f",
                    "-p",
                    Long.toString(traced.pid()),
                    "-e",
                    "trace=" + injection.substring(0, injection.indexOf(':')),
                    "-e",
                    "inject=" + injection));
            for (Path file : files) {
                command.addAll(List.of("-P", file.toString()));
            }
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            Strace strace = new Strace(output, process);
            Awaiting.until("strace is attached", () -> {
                if (!process.isAlive()) {
                    throw new AssertionError("strace has ended: " + strace.said());
                }
                return strace.said().contains(" attached");
            });
            return strace;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private String said() throws IOException {
        return Files.readString(output, StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(1, TimeUnit.MINUTES)) {
                throw new AssertionError("strace does not end");
            }
            Files.delete(output);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
