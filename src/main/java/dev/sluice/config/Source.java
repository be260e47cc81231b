package dev.sluice.config;

import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/** One place where values are set. */
sealed interface Source permits OptionSource, EnvironmentSource, FileSource {
    Optional<Given> find(String key);

    /** What it sets that no known key reads, as faults. */
    List<String> unknown(SortedSet<String> knownKeys);
}
