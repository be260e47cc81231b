package dev.sluice.demo;

import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** A job's {@code training.log}: one line an event, on disk as soon as it is written, for those who follow it. */
final class TrainingLog implements Closeable {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final BufferedWriter lines;
    private final Clock clock;

    /** Starts the log anew. */
    TrainingLog(Path directory, Clock clock) throws IOException {
        this.clock = clock;
        lines = Files.newBufferedWriter(directory.resolve("training.log"));
    }

    void info(String message) throws IOException {
        line("INFO", message);
    }

    void error(String message) throws IOException {
        line("ERROR", message);
    }

    private void line(String level, String message) throws IOException {
        lines.write(TIME.format(Instant.now(clock)) + " " + level + " " + message + "\n");
        lines.flush();
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
