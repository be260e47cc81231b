package dev.sluice.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;

/** What every trainer leaves beside its models: a log, and a progress that ends as completed or failed. */
record TrainingRun(TrainingLog log, Progress progress) {
    interface Work {
        void accept(TrainingRun run) throws IOException;
    }

    /** Does the work on the calling thread, creating {@code directory} where it is missing. */
    static void record(Path directory, int totalSteps, Work work) throws IOException {
        Files.createDirectories(directory);
        Clock clock = Clock.systemUTC();
        Progress progress = new Progress(directory, totalSteps, clock);
        try (TrainingLog log = new TrainingLog(directory, clock)) {
            try {
                work.accept(new TrainingRun(log, progress));
            } catch (IOException | RuntimeException | Error failure) {
                leaveFailed(log, progress, failure);
                throw failure;
            }
            progress.completed();
        }
    }

    private static void leaveFailed(TrainingLog log, Progress progress, Throwable failure) {
        try {
            log.error("training stopped before its end");
            progress.failed();
        } catch (IOException unwritable) {
            failure.addSuppressed(unwritable);
        }
    }
}
