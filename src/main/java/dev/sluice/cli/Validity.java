package dev.sluice.cli;

import dev.sluice.config.Durations;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import picocli.CommandLine;

/** How long a token is good: as durations are written in the configuration, or as ISO 8601 has it. */
final class Validity implements CommandLine.ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
        try {
            return text.startsWith("P") ? Duration.parse(text) : Durations.parse(text);
        } catch (DateTimeParseException | IllegalArgumentException malformed) {
            throw new CommandLine.TypeConversionException("'" + text + "' is not a duration such as 12h or PT12H");
        }
    }
}
