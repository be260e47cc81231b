package dev.sluice.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/** A job's {@code progress.json}, replaced by rename so that whoever polls it reads a whole document. */
final class Progress {
    private static final String FILE = "progress.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path directory;
    private final int totalSteps;
    private final Clock clock;
    private final Map<String, Object> latest = new LinkedHashMap<>();

    Progress(Path directory, int totalSteps, Clock clock) {
        this.directory = directory;
        this.totalSteps = totalSteps;
        this.clock = clock;
    }

    /** @param figures what the trainer knows besides, e.g. {@code epoch} and {@code loss} */
    void running(int step, Map<String, ?> figures) throws IOException {
        latest.put("step", step);
        latest.putAll(figures);
        write("running", step);
    }

    void completed() throws IOException {
        latest.put("step", totalSteps);
        write("completed", totalSteps);
    }

    void failed() throws IOException {
        write("failed", (int) latest.getOrDefault("step", 0));
    }

    private void write(String status, int step) throws IOException {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("status", status);
        document.put("step", step);
        document.put("total_steps", totalSteps);
        document.putAll(latest);
        document.put("percent", Math.round(1000.0 * step / totalSteps) / 10.0);
        document.put(
                "updated_at", clock.instant().truncatedTo(ChronoUnit.MILLIS).toString());
        // Not Files.createTempFile: its owner-only mode would lock other readers of a shared volume out.
        Path staged = directory.resolve("." + FILE + ".tmp");
        try {
            Files.write(staged, JSON.writeValueAsBytes(document));
            Files.move(staged, directory.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(staged);
        }
    }
}
