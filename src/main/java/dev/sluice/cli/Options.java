package dev.sluice.cli;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What every command is told of the configuration.
 *
 * @param config a file that must exist; absent means {@code conf/sluice.yaml} where there is one
 * @param settings key to value, over file and environment
 */
public record Options(Optional<Path> config, Map<String, String> settings) {}
