package dev.sluice.database;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The process that {@code postmaster.pid} of a cluster names, which after a crash or a reboot may be anybody's. */
record Postmaster(Path data) {
    boolean isRunning() throws IOException {
        Optional<ProcessHandle> named = named();
        return named.isPresent() && serves(named.get());
    }

    /**
     * Removes the pid file of a postmaster that is gone. PostgreSQL does so itself unless the number was given to another
     * process or the file is empty, as after a power failure. Should processes of the old server still linger, the new
     * one finds out by their shared memory.
     */
    void forgetStale() throws IOException {
        if (!isRunning()) {
            Files.deleteIfExists(data.resolve("postmaster.pid"));
        }
    }

    private Optional<ProcessHandle> named() throws IOException {
        try {
            List<String> lines = Files.readAllLines(data.resolve("postmaster.pid"));
            return lines.isEmpty()
                    ? Optional.empty()
                    : ProcessHandle.of(Long.parseLong(lines.get(0).strip()));
        } catch (NoSuchFileException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** By its command line, {@code …/bin/postgres -D DATA}; that of a zombie is empty. */
    private boolean serves(ProcessHandle process) throws IOException {
        Path procfs = Path.of("/proc", Long.toString(process.pid()), "cmdline");
        if (Files.isDirectory(Path.of("/proc/self"))) {
            try {
                List<String> words = List.of(
                        Files.readString(procfs, StandardCharsets.ISO_8859_1).split("\0"));
                return words.get(0).endsWith("/postgres") && words.contains(latin(data.toString()));
            } catch (NoSuchFileException e) {
                return false;
            }
        }
        String commandLine = process.info().commandLine().orElse("");
        return commandLine.contains("/postgres ") && commandLine.contains(data.toString());
    }

    /** File names are bytes, and the command line is read as such. */
    private static String latin(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }
}
