package dev.sluice.server;

import dev.sluice.access.AccessConfig;
import dev.sluice.access.TokenIssuer;
import dev.sluice.cli.Command;
import dev.sluice.cli.CommandLineParser;
import dev.sluice.cli.Doctor;
import dev.sluice.cli.Finding;
import dev.sluice.cli.Options;
import dev.sluice.config.InvalidConfiguration;
import dev.sluice.config.Secret;
import dev.sluice.config.Settings;
import dev.sluice.database.Migrations;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads what was typed and does it. */
public final class Main {
    private static final Logger log = LoggerFactory.getLogger(Main.class);

    private static final int CONFIGURATION_FAULT = 2;
    private static final int FAILURE = 1;

    /** After the drain timeout: resets, and the parts one after the other. */
    static final Duration STOPPING_TAKES = Duration.ofSeconds(20);

    /** Where results go; the log goes to the standard error stream. */
    private final PrintStream out;

    private Main(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] arguments) {
        CommandLineParser.Parsed parsed = new CommandLineParser(Version.CURRENT).parse(arguments);
        int status = parsed.command()
                .map(command -> new Main(new PrintStream(System.out, true, StandardCharsets.UTF_8)).run(command))
                .orElse(parsed.exitStatus());
        if (status != 0) {
            System.exit(status);
        }
    }

    private int run(Command command) {
        try {
            if (command instanceof Command.Serve serve) {
                serve(config(serve.options(), ServerConfig.Mode.PRODUCTION));
            } else if (command instanceof Command.Demo demo) {
                demo(config(demo.options(), ServerConfig.Mode.DEMO));
            } else if (command instanceof Command.Migrate migrate) {
                migrate(config(migrate.options(), ServerConfig.Mode.TOOL));
            } else if (command instanceof Command.Token token) {
                token(token, config(token.options(), ServerConfig.Mode.TOOL));
            } else if (command instanceof Command.Import wanted) {
                new ImportCommand(out).run(wanted, config(wanted.options(), ServerConfig.Mode.TOOL));
            } else if (command instanceof Command.Scrub scrub) {
                new StorageCommands(out).scrub(config(scrub.options(), ServerConfig.Mode.TOOL));
            } else if (command instanceof Command.StorageCopy copy) {
                new StorageCommands(out).copy(config(copy.options(), ServerConfig.Mode.TOOL), copy.from(), copy.to());
            } else if (command instanceof Command.Gc gc) {
                new StorageCommands(out).collect(config(gc.options(), ServerConfig.Mode.TOOL));
            } else if (command instanceof Command.Doctor doctor) {
                return doctor(doctor);
            }
            return 0;
        } catch (InvalidConfiguration invalid) {
            System.err.println("The configuration has faults:");
            invalid.faults().forEach(fault -> System.err.println("  " + fault));
            return CONFIGURATION_FAULT;
        } catch (CommandFailed failed) {
            System.err.println(failed.getMessage());
            return FAILURE;
        } catch (Exception failure) {
            log.error("sluice could not {}", name(command), failure);
            return FAILURE;
        }
    }

    private static String name(Command command) {
        return command.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT);
    }

    private static ServerConfig config(Options options, ServerConfig.Mode mode) throws InvalidConfiguration {
        ServerConfig config =
                ServerConfig.from(Settings.read(options.config(), System.getenv(), options.settings()), mode);
        Logging.apply(config.log());
        warnOfCharacterSet();
        return config;
    }

    /** Under a locale such as C the JDK can neither read nor write file names beyond ASCII. */
    private static void warnOfCharacterSet() {
        String names = System.getProperty("sun.jnu.encoding", "");
        if (!names.equalsIgnoreCase("UTF-8")) {
            log.warn("File names are read as {}: set LC_ALL=C.UTF-8, or names beyond ASCII cannot be served", names);
        }
    }

    private void serve(ServerConfig config) throws Exception {
        Server server = running(Server.start(config, access(config.auth()), Clock.systemUTC()), config);
        out.println("Sluice " + Version.CURRENT + " listens on port " + server.port() + ", management on port "
                + server.managementPort());
    }

    private void demo(ServerConfig config) throws Exception {
        AccessConfig access = DemoSession.access(access(config.auth()));
        Server server = running(Server.start(config, access, Clock.systemUTC()), config);
        new DemoSession(out, access, config.data().workspaceDir(), server.port()).run();
    }

    private void migrate(ServerConfig config) throws Exception {
        Migrations.run(Server.database(config));
        out.println("The database is up to date.");
    }

    private void token(Command.Token command, ServerConfig config) throws CommandFailed {
        if (config.auth().jwtSecret().isEmpty()) {
            throw new CommandFailed("Tokens can only be issued with auth.jwt-secret; others come from elsewhere.");
        }
        Vertx vertx = Vertx.vertx();
        try {
            out.println(new TokenIssuer(vertx, access(config.auth()), Clock.systemUTC())
                    .issue(command.subject(), command.scopes(), command.validity()));
        } catch (IllegalArgumentException refused) {
            throw new CommandFailed("The token was refused: " + refused.getMessage());
        } finally {
            vertx.close();
        }
    }

    private int doctor(Command.Doctor command) throws IOException, CommandFailed {
        Optional<String> token = Optional.empty();
        if (command.tokenFile().isPresent()) {
            Path file = command.tokenFile().get();
            byte[] content = file.toString().equals("-") ? System.in.readAllBytes() : Files.readAllBytes(file);
            token = Optional.of(new String(content, StandardCharsets.US_ASCII).strip());
        }
        try {
            List<Finding> findings = new Doctor(command.server(), token, command.patience()).examine();
            Doctor.print(findings, out);
            return findings.stream().anyMatch(Finding::isFault) ? FAILURE : 0;
        } catch (IOException unreachable) {
            throw new CommandFailed("The server could not be examined: " + unreachable.getMessage());
        }
    }

    static AccessConfig access(ServerConfig.Auth auth) {
        return new AccessConfig(
                auth.jwtSecret().map(Secret::reveal),
                auth.jwtPublicKey(),
                auth.jwksUrl(),
                auth.jwksRefresh(),
                auth.issuer(),
                auth.audience());
    }

    /** Waits until the server runs and sees to it that the end of the process ends it in order. */
    private static Server running(Future<Server> starting, ServerConfig config) throws Exception {
        Server server = Awaited.of(starting);
        Duration drainTimeout = config.delivery().drainTimeout();
        Signals.endAtOnceWhenRepeated();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(server, drainTimeout), "sluice-shutdown"));
        return server;
    }

    private static void end(Server server, Duration drainTimeout) {
        CountDownLatch stopped = new CountDownLatch(1);
        server.drain(drainTimeout).transform(drained -> server.stop()).onComplete(done -> stopped.countDown());
        try {
            if (!stopped.await(drainTimeout.plus(STOPPING_TAKES).toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn("Stopping took too long and is given up");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
