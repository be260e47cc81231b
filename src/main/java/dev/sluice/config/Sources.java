package dev.sluice.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** All sources, the strongest first: options, environment, file. */
record Sources(List<Source> byStrength) {
    static Sources open(
            Optional<Path> file,
            Map<String, String> environment,
            Map<String, String> options,
            Consumer<String> faults) {
        List<Source> sources = new ArrayList<>(List.of(new OptionSource(options), new EnvironmentSource(environment)));
        file.map(path -> YamlReader.read(path, faults)).ifPresent(sources::add);
        return new Sources(List.copyOf(sources));
    }

    /** What the strongest source that sets one of the keys says: one value, or several that contradict each other. */
    List<Given> find(String... keys) {
        return byStrength.stream()
                .map(source -> Arrays.stream(keys)
                        .flatMap(key -> source.find(key).stream())
                        .toList())
                .filter(found -> !found.isEmpty())
                .findFirst()
                .orElse(List.of());
    }

    Stream<String> unknown(SortedSet<String> knownKeys) {
        return byStrength.stream().flatMap(source -> source.unknown(knownKeys).stream());
    }
}
