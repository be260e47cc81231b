package dev.sluice.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;

/** The configuration file. Its keys are nested or dotted: {@code http: {port: 80}} is {@code http.port: 80}. */
record FileSource(Map<String, Given> values) implements Source {
    @Override
    public Optional<Given> find(String key) {
        return Optional.ofNullable(values.get(key));
    }

    @Override
    public List<String> unknown(SortedSet<String> knownKeys) {
        List<String> faults = new ArrayList<>();
        values.forEach((key, given) -> {
            if (!knownKeys.contains(key)) {
                faults.add(given.fault(reason(key, knownKeys)));
            }
        });
        return faults;
    }

    private static String reason(String key, SortedSet<String> knownKeys) {
        if (knownKeys.stream().anyMatch(known -> known.startsWith(key + "."))) {
            return "is a section: its keys go below it, indented";
        }
        return knownKeys.stream()
                .filter(known -> key.startsWith(known + "."))
                .findFirst()
                .map(known -> "is unknown: " + known + " takes a value, not a section")
                .orElseGet(() -> Spelling.unknown(key, knownKeys));
    }
}
