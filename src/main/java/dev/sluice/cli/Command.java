package dev.sluice.cli;

import dev.sluice.access.Scope;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** What somebody typed, as a value. */
public sealed interface Command {
    /** Runs the server in production. */
    record Serve(Options options) implements Command {}

    /** Runs the server with an owner whose models are trained now. */
    record Demo(Options options) implements Command {}

    /** Brings the database's schema up to date and ends. */
    record Migrate(Options options) implements Command {}

    /** Prints a token signed with the configured secret. */
    record Token(Options options, String subject, Set<Scope> scopes, Duration validity) implements Command {}

    /** Takes directories that were trained elsewhere as completed jobs. */
    record Import(Options options, Path directory, String owner, Optional<String> name) implements Command {}

    /** Reads everything whose digest is known and quarantines what is bad. */
    record Scrub(Options options) implements Command {}

    /** Copies every blob of one store that the other lacks. */
    record StorageCopy(Options options, Place from, Place to) implements Command {
        /** A store that is configured, whether or not it is in use. */
        public enum Place {
            LOCAL,
            S3
        }
    }

    /** Deletes what nothing refers to and what writers left behind. */
    record Gc(Options options) implements Command {}

    /**
     * Finds out what stands between this machine and a server and does harm to downloads.
     *
     * @param tokenFile of a bearer token; {@code -} is the standard input
     * @param patience for how long a client is slow
     */
    record Doctor(URI server, Optional<Path> tokenFile, Duration patience) implements Command {}
}
