package dev.sluice.cli;

import dev.sluice.access.Scope;
import java.util.Arrays;
import picocli.CommandLine;

/** What a token may do, by its short name or in full. */
final class ScopeName implements CommandLine.ITypeConverter<Scope> {
    @Override
    public Scope convert(String named) {
        return Arrays.stream(Scope.values())
                .filter(scope -> scope.value().equals(named) || scope.value().equals("sluice:" + named))
                .findFirst()
                .orElseThrow(() -> new CommandLine.TypeConversionException("unknown scope '" + named + "'"));
    }
}
