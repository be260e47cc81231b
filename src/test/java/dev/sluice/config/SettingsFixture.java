package dev.sluice.config;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Settings from values written in a test; never from the file in the working directory. */
final class SettingsFixture {
    private final Path file;
    private final Map<String, String> environment = new TreeMap<>();
    private final Map<String, String> options = new TreeMap<>();

    SettingsFixture(Path dir) {
        file = dir.resolve("test.yaml");
        yaml("");
    }

    Path file() {
        return file;
    }

    SettingsFixture yaml(String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return this;
    }

    SettingsFixture environment(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    SettingsFixture option(String key, String value) {
        options.put(key, value);
        return this;
    }

    Settings settings() {
        return Settings.read(Optional.of(file), environment, options);
    }

    static List<String> faults(Settings settings) {
        InvalidConfiguration thrown = catchThrowableOfType(InvalidConfiguration.class, settings::requireNoFaults);
        return thrown == null ? List.of() : thrown.faults();
    }
}
