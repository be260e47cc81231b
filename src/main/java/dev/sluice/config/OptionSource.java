package dev.sluice.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** Keys set on the command line. */
record OptionSource(Map<String, String> options) implements Source {
    private static final String ORIGIN = "option";

    @Override
    public Optional<Given> find(String key) {
        return Optional.ofNullable(options.get(key)).map(value -> Given.one(key, ORIGIN, value));
    }

    @Override
    public List<String> unknown(SortedSet<String> knownKeys) {
        return new TreeSet<>(options.keySet())
                .stream()
                        .filter(key -> !knownKeys.contains(key))
                        .map(key -> Given.one(key, ORIGIN, "").fault(Spelling.unknown(key, knownKeys)))
                        .toList();
    }
}
