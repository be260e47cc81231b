package dev.sluice.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What must hold after every test. */
final class NothingLeftOpen {
    private NothingLeftOpen() {}

    static void assertNoDescriptorsUnder(Path root) throws IOException {
        assertThat(descriptorsUnder(root)).as("open descriptors").isEmpty();
    }

    /** What this process has open there, or of a file itself; what is deleted has another name then. */
    static List<Path> descriptorsUnder(Path root) throws IOException {
        Path real = root.toRealPath();
        List<Path> open = new ArrayList<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors.toList()) {
                target(descriptor).filter(target -> target.startsWith(real)).ifPresent(open::add);
            }
        }
        return open;
    }

    /** Empty when the descriptor was closed meanwhile. */
    private static Optional<Path> target(Path descriptor) throws IOException {
        try {
            return Optional.of(Files.readSymbolicLink(descriptor));
        } catch (NoSuchFileException | NotLinkException closed) {
            return Optional.empty();
        }
    }

    static void assertNothingStaged(Path root) throws IOException {
        try (Stream<Path> staged = Files.list(root.resolve(".staging"))) {
            assertThat(staged).as("staged files").isEmpty();
        }
    }
}
