package dev.sluice.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The programs of one embedded PostgreSQL. {@code pg_ctl} gives the server a session of its own, out of reach of Ctrl-C. */
final class PostgresTools {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresTools.class);
    private static final int START_SECONDS = 60;
    private static final int STOP_SECONDS = 20;
    private static final int LOG_TAIL_LINES = 15;

    private final Path home;
    private final Path bin;
    private final List<String> unprivileged;

    private PostgresTools(Path home, Path bin, List<String> unprivileged) {
        this.home = home;
        this.bin = bin;
        this.unprivileged = unprivileged;
    }

    static PostgresTools in(Path home) throws IOException {
        return new PostgresTools(home, PostgresBinaries.unpackInto(home).resolve("bin"), Unprivileged.prefix(home));
    }

    Path data() {
        return home.resolve("data");
    }

    /** {@code reject}: the superuser never logs in, the bootstrap needs no connection. */
    void initdb(Path target) throws IOException {
        run(
                        "initdb",
                        "-D",
                        target.toString(),
                        "-U",
                        "postgres",
                        "-A",
                        "reject",
                        "-E",
                        "UTF8",
                        "--locale=C",
                        "--locale-provider=builtin",
                        "--builtin-locale=C.UTF-8")
                .orThrow("initdb", home.resolve("tools.log"));
    }

    /** Runs SQL as superuser without a server, one statement a line. */
    void single(Path target, String sql) throws IOException {
        Path script = home.resolve("bootstrap.sql");
        try {
            Files.writeString(script, sql);
            run(
                            Optional.of(script),
                            "postgres",
                            "--single",
                            "-D",
                            target.toString(),
                            "-c",
                            "exit_on_error=on",
                            "postgres")
                    .orThrow("bootstrap", home.resolve("tools.log"));
        } finally {
            Files.deleteIfExists(script);
        }
    }

    /** Returns when the server accepts connections. */
    void start() throws IOException {
        Path log = home.resolve("postgres.log");
        run("pg_ctl", "start", "-D", data().toString(), "-l", log.toString(), "-w", "-t", "" + START_SECONDS)
                .orThrow("start", log);
    }

    void stop() throws IOException {
        Postmaster postmaster = new Postmaster(data());
        if (postmaster.isRunning()) {
            run("pg_ctl", "stop", "-D", data().toString(), "-m", "fast", "-w", "-t", "" + STOP_SECONDS);
        }
        if (postmaster.isRunning()) {
            LOG.warn("embedded PostgreSQL did not stop within {} s, stopping it without a checkpoint", STOP_SECONDS);
            run("pg_ctl", "stop", "-D", data().toString(), "-m", "immediate", "-w", "-t", "" + STOP_SECONDS)
                    .orThrow("stop", home.resolve("tools.log"));
        }
    }

    /** A JVM that was killed leaves its postmaster running, or a pid file that now names somebody else. */
    void stopLeftBehind() throws IOException {
        Postmaster postmaster = new Postmaster(data());
        if (postmaster.isRunning()) {
            LOG.info("stopping the embedded PostgreSQL that a killed process left behind");
            stop();
        }
        postmaster.forgetStale();
    }

    private Outcome run(String tool, String... arguments) throws IOException {
        return run(Optional.empty(), tool, arguments);
    }

    private Outcome run(Optional<Path> input, String tool, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(unprivileged);
        command.add(bin.resolve(tool).toString());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectInput(input.orElse(Path.of("/dev/null")).toFile())
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        home.resolve("tools.log").toFile()));
        // What a shell has set for another server must not reach ours.
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        try {
            if (!process.waitFor(START_SECONDS + STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return new Outcome(-1);
            }
            return new Outcome(process.exitValue());
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while running " + tool, e);
        }
    }

    private record Outcome(int exitCode) {
        void orThrow(String step, Path log) throws IOException {
            if (exitCode != 0) {
                throw new IOException("embedded PostgreSQL: %s failed with exit code %d; the end of %s:%n%s"
                        .formatted(step, exitCode, log, tail(log)));
            }
        }

        private static String tail(Path log) throws IOException {
            if (!Files.exists(log)) {
                return "(not there)";
            }
            List<String> lines = Files.readAllLines(log);
            return String.join(
                    System.lineSeparator(), lines.subList(Math.max(0, lines.size() - LOG_TAIL_LINES), lines.size()));
        }
    }
}
