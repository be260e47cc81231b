package dev.sluice.server;

import dev.sluice.cli.Command;
import dev.sluice.database.Database;
import dev.sluice.jobs.Import;
import dev.sluice.jobs.ImportRefused;
import dev.sluice.jobs.JobQueries;
import dev.sluice.storage.ContentIndex;
import io.vertx.core.Vertx;
import java.io.PrintStream;
import java.time.Clock;

/** {@code import DIR}: writes where the server of this configuration reads, whether it runs or not. */
final class ImportCommand {
    private final PrintStream out;

    ImportCommand(PrintStream out) {
        this.out = out;
    }

    void run(Command.Import command, ServerConfig config) throws Exception {
        Vertx vertx = Server.vertx();
        try {
            Database database = Awaited.of(Database.open(vertx, Server.database(config)));
            try {
                Import wanted = new Import(
                        new JobQueries(database),
                        Stores.workspace(config.data()),
                        new ContentIndex(database, Clock.systemUTC()));
                wanted.run(command.directory(), command.owner(), command.name(), out::println);
            } catch (ImportRefused refused) {
                throw new CommandFailed(refused);
            } finally {
                Awaited.of(database.close());
            }
        } finally {
            Awaited.of(vertx.close());
        }
    }
}
