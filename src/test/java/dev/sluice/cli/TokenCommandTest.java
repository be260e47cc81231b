package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.access.Scope;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class TokenCommandTest {
    private static CommandLineParser.Parsed parse(String... scopes) {
        String[] arguments = new String[3 + 2 * scopes.length];
        arguments[0] = "token";
        arguments[1] = "--subject";
        arguments[2] = "ann";
        for (int i = 0; i < scopes.length; i++) {
            arguments[3 + 2 * i] = "--scope";
            arguments[4 + 2 * i] = scopes[i];
        }
        return new CommandLineParser("1").parse(arguments);
    }

    private static Set<Scope> scopes(String... named) {
        return ((Command.Token) parse(named).command().orElseThrow()).scopes();
    }

    @Test
    void scopesAreNamedShortlyOrInFullOneByOneOrTogether() {
        assertThat(scopes()).isEmpty();
        assertThat(scopes("ingest")).containsExactly(Scope.INGEST);
        assertThat(scopes("sluice:admin")).containsExactly(Scope.ADMIN);
        assertThat(scopes("ingest", "admin")).containsExactlyInAnyOrder(Scope.INGEST, Scope.ADMIN);
        assertThat(scopes("ingest,sluice:admin", "ingest")).containsExactlyInAnyOrder(Scope.INGEST, Scope.ADMIN);
    }

    @Test
    void validityIsWrittenAsInTheConfigurationOrAsIso8601() {
        for (String twelveHours : new String[] {"12h", "720m", "PT12H"}) {
            assertThat(((Command.Token) validity(twelveHours).command().orElseThrow()).validity())
                    .isEqualTo(Duration.ofHours(12));
        }
        for (String wrong : new String[] {"12", "h", "P12H", "-1h", "forever"}) {
            assertThat(validity(wrong).exitStatus()).as(wrong).isEqualTo(CommandLine.ExitCode.USAGE);
        }
    }

    private static CommandLineParser.Parsed validity(String text) {
        return new CommandLineParser("1").parse("token", "--subject", "ann", "--validity=" + text);
    }

    /** With the usage and its exit status, which is not that of a failure inside. */
    @Test
    void aScopeThatIsNoneIsAFaultOfUsage() {
        for (String wrong : new String[] {"nonsense", "", "INGEST", "ingest,nonsense"}) {
            assertThat(parse(wrong).command()).as(wrong).isEmpty();
            assertThat(parse(wrong).exitStatus()).as(wrong).isEqualTo(CommandLine.ExitCode.USAGE);
        }
    }
}
