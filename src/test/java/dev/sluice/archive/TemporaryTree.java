package dev.sluice.archive;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The directory of a server of the tests, at its end. Blocking. */
public final class TemporaryTree {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(30);

    private TemporaryTree() {}

    /** Also while a worker of a server that has stopped still finishes, or cleans up, what it was at. */
    public static void delete(Path tree) {
        long deadline = System.nanoTime() + PATIENCE;
        while (true) {
            try {
                deleteOnce(tree);
                return;
            } catch (IOException | UncheckedIOException meanwhileChanged) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError(tree + " cannot be deleted", meanwhileChanged);
                }
            }
        }
    }

    private static void deleteOnce(Path tree) throws IOException {
        if (Files.notExists(tree)) {
            return;
        }
        List<Path> all;
        try (Stream<Path> found = Files.walk(tree)) {
            all = found.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            Files.deleteIfExists(path);
        }
    }
}
