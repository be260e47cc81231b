package dev.sluice.cli;

import dev.sluice.access.Scope;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Reads the command line. Help, the version and faults are printed here; everything else becomes a {@link Command}. */
public final class CommandLineParser {
    private final String version;
    private @Nullable Command command;

    public CommandLineParser(String version) {
        this.version = version;
    }

    /** The outcome of reading: a command, or the exit status of what was printed instead. */
    public record Parsed(Optional<Command> command, int exitStatus) {}

    public Parsed parse(String... arguments) {
        CommandLine line = new CommandLine(new Root());
        for (Asked asked : List.of(
                new Serve(),
                new Demo(),
                new Migrate(),
                new Token(),
                new Import(),
                new Scrub(),
                new Gc(),
                new Doctor())) {
            line.addSubcommand(asked);
        }
        line.addSubcommand(new CommandLine(new Storage()).addSubcommand(new StorageCopy()));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.getCommandSpec().version("sluice " + version);
        int status = line.execute(arguments);
        return new Parsed(Optional.ofNullable(command), status);
    }

    @CommandLine.Command(
            name = "sluice",
            mixinStandardHelpOptions = true,
            description = "Delivers trained models, checkpoints, logs and reports to those who own them.",
            synopsisSubcommandLabel = "COMMAND")
    private static final class Root extends Group {}

    /** Does nothing by itself. */
    private abstract static class Group implements Callable<Integer> {
        @CommandLine.Spec
        private CommandLine.Model.@Nullable CommandSpec spec;

        @Override
        public Integer call() {
            if (spec != null) {
                spec.commandLine().usage(spec.commandLine().getErr());
            }
            return CommandLine.ExitCode.USAGE;
        }
    }

    /** A subcommand: what was typed is put together as a command. */
    private abstract class Asked implements Callable<Integer> {
        abstract Command command();

        @Override
        public Integer call() {
            command = command();
            return CommandLine.ExitCode.OK;
        }
    }

    /** One that needs the configuration. */
    private abstract class Spoken extends Asked {
        @Option(
                names = "--config",
                paramLabel = "FILE",
                description = "Configuration file (default: conf/sluice.yaml, where there is one).")
        private @Nullable Path config;

        @Option(
                names = "--set",
                paramLabel = "KEY=VALUE",
                description = "One key of the configuration, over file and environment; repeatable.")
        private Map<String, String> settings = new LinkedHashMap<>();

        Options options() {
            return new Options(Optional.ofNullable(config), Map.copyOf(settings));
        }
    }

    @CommandLine.Command(
            name = "serve",
            mixinStandardHelpOptions = true,
            description =
                    "Runs the server. Needs a verification key for tokens; names every fault of its configuration.")
    private final class Serve extends Spoken {
        @Override
        Command command() {
            return new Command.Serve(options());
        }
    }

    @CommandLine.Command(
            name = "demo",
            mixinStandardHelpOptions = true,
            description =
                    "Runs the server with the owner 'demo', whose models it trains first, and prints how to try it.")
    private final class Demo extends Spoken {
        @Override
        Command command() {
            return new Command.Demo(options());
        }
    }

    @CommandLine.Command(
            name = "migrate",
            mixinStandardHelpOptions = true,
            description = "Brings the database's schema up to date and ends.")
    private final class Migrate extends Spoken {
        @Override
        Command command() {
            return new Command.Migrate(options());
        }
    }

    @CommandLine.Command(
            name = "token",
            mixinStandardHelpOptions = true,
            description =
                    "Prints a token signed with auth.jwt-secret. It opens what its subject owns: keep it private.")
    private final class Token extends Spoken {
        @Option(names = "--subject", required = true, paramLabel = "OWNER", description = "The owner it speaks for.")
        private String subject = "";

        @Option(
                names = "--scope",
                paramLabel = "SCOPE",
                split = "[ ,]",
                converter = ScopeName.class,
                description = "ingest or admin; repeatable.")
        private List<Scope> scopes = List.of();

        @Option(
                names = "--validity",
                paramLabel = "DURATION",
                converter = Validity.class,
                description = "How long, such as 12h or PT12H (default: 1h).")
        private Duration validity = Duration.ofHours(1);

        @Override
        Command command() {
            return new Command.Token(options(), subject, Set.copyOf(scopes), validity);
        }
    }

    @CommandLine.Command(
            name = "import",
            mixinStandardHelpOptions = true,
            description = {
                "Takes a directory that was trained elsewhere as a completed job, with its files copied and indexed.",
                "A directory with model/, models/ or training.log is one job, named after it; otherwise each directory in it is one."
            })
    private final class Import extends Spoken {
        @Parameters(paramLabel = "DIR", description = "What to import.")
        private Path directory = Path.of(".");

        @Option(names = "--owner", required = true, paramLabel = "OWNER", description = "Who will own the jobs.")
        private String owner = "";

        @Option(names = "--name", paramLabel = "NAME", description = "The jobs' name (default: their directory's).")
        private @Nullable String name;

        @Override
        Command command() {
            return new Command.Import(options(), directory, owner, Optional.ofNullable(name));
        }
    }

    @CommandLine.Command(
            name = "scrub",
            mixinStandardHelpOptions = true,
            description = {
                "Reads every blob and every indexed file and compares them with their digests; the server may run meanwhile.",
                "Tells and quarantines what is bad, and ends with status 1 when there is any."
            })
    private final class Scrub extends Spoken {
        @Override
        Command command() {
            return new Command.Scrub(options());
        }
    }

    @CommandLine.Command(
            name = "storage",
            mixinStandardHelpOptions = true,
            description = "Works on the stores of published files.",
            synopsisSubcommandLabel = "COMMAND")
    private static final class Storage extends Group {}

    @CommandLine.Command(
            name = "copy",
            mixinStandardHelpOptions = true,
            description = {
                "Copies every blob of one store that the other lacks, and reads back what it copied; the server may run meanwhile.",
                "Deletes nothing, and can be run again, also when it broke off. To move a store: copy, stop the server, copy what"
                        + " came since, start it with the other store. Ends with status 1 when a blob is bad."
            })
    private final class StorageCopy extends Spoken {
        @Option(names = "--from", required = true, paramLabel = "STORE", description = "local or s3.")
        private Command.StorageCopy.Place from = Command.StorageCopy.Place.LOCAL;

        @Option(names = "--to", required = true, paramLabel = "STORE", description = "local or s3.")
        private Command.StorageCopy.Place to = Command.StorageCopy.Place.S3;

        @Override
        Command command() {
            return new Command.StorageCopy(options(), from, to);
        }
    }

    @CommandLine.Command(
            name = "gc",
            mixinStandardHelpOptions = true,
            description =
                    "Deletes blobs that nothing has referred to for a day, and uploads that broke off that long ago; the server does so hourly.")
    private final class Gc extends Spoken {
        @Override
        Command command() {
            return new Command.Gc(options());
        }
    }

    private static final class HttpUrl implements CommandLine.ITypeConverter<URI> {
        @Override
        public URI convert(String text) {
            URI url = URI.create(text);
            if (url.getHost() == null || !List.of("http", "https").contains(url.getScheme())) {
                throw new CommandLine.TypeConversionException("'" + text + "' is no URL of http or https");
            }
            return url;
        }
    }

    @CommandLine.Command(
            name = "doctor",
            mixinStandardHelpOptions = true,
            description = {
                "Downloads from a server through whatever stands before it, and names what does harm to downloads there:",
                "what strips lengths, tags or ranges, compresses, buffers, cuts slow clients or refuses large uploads.",
                "Tells what to change, and ends with status 1 when there is a fault."
            })
    private final class Doctor extends Asked {
        @Parameters(
                paramLabel = "URL",
                converter = HttpUrl.class,
                description =
                        "Where clients reach the server (something large of the token's owner is taken), or one download.")
        private URI server = URI.create("");

        @Option(
                names = "--token-file",
                paramLabel = "FILE",
                description =
                        "Holds a bearer token; - is the standard input. A signed link needs none, and shows less.")
        private @Nullable Path tokenFile;

        @Option(
                names = "--patience",
                paramLabel = "ISO-8601",
                description = "For how long a slow client is played, most of it a pause (default: PT75S).")
        private Duration patience = Duration.ofSeconds(75);

        @Override
        Command command() {
            return new Command.Doctor(server, Optional.ofNullable(tokenFile), patience);
        }
    }
}
