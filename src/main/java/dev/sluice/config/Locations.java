package dev.sluice.config;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Turns written paths into paths.
 *
 * @param dataDir what {@code ${data}} at the start of a path stands for
 */
record Locations(Path dataDir) {
    private static final String DATA = "${data}";

    /** @throws IllegalArgumentException whose message completes the sentence "'x' …" */
    Path path(String text) {
        if (text.equals(DATA)) {
            return dataDir;
        }
        return text.startsWith(DATA + "/") ? dataDir.resolve(plain(text.substring(DATA.length() + 1))) : plain(text);
    }

    /** A file that is there and readable. */
    Path file(String text) {
        Path path = path(text);
        if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
            throw new IllegalArgumentException("is not a file that can be read");
        }
        return path;
    }

    static Path plain(String text) {
        if (text.contains("${")) {
            throw new IllegalArgumentException("has a placeholder; only ${data} is one, at the start of other paths");
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException wrong) {
            throw new IllegalArgumentException("is not a path", wrong);
        }
    }
}
