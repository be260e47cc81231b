package dev.sluice.server;

import dev.sluice.delivery.Supervision;
import java.time.Duration;

/**
 * How long clients are kept waiting for what is late, before they are told to come again.
 *
 * @param database for a connection, a lock, or any sign of life of it
 * @param statement for the answer to one statement, of a database that lives
 * @param intent until what a client begins is recorded
 * @param queue for a place among the transfers
 */
record Patience(Duration database, Duration statement, Duration intent, Duration queue) {
    /** Who asks a database that does not answer is told within a second; who finds the server busy, within two. */
    static final Patience USUAL =
            new Patience(Duration.ofMillis(900), Duration.ofSeconds(5), Duration.ofSeconds(1), Supervision.PATIENCE);

    /** No client waits for a command, and one that gives up halfway is to be begun anew. */
    static final Patience COMMAND =
            new Patience(Duration.ofSeconds(20), Duration.ofSeconds(20), USUAL.intent(), USUAL.queue());
}
