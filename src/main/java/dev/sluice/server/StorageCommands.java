package dev.sluice.server;

import dev.sluice.database.Database;
import dev.sluice.storage.BlobCollection;
import dev.sluice.storage.ContentIndex;
import dev.sluice.storage.Quarantine;
import dev.sluice.storage.Scrub;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.PrintStream;
import java.time.Clock;
import java.util.concurrent.TimeUnit;

/** {@code scrub} and {@code gc}: upkeep of what the server of this configuration stores, whether it runs or not. */
final class StorageCommands {
    private final PrintStream out;

    StorageCommands(PrintStream out) {
        this.out = out;
    }

    void scrub(ServerConfig config) throws Exception {
        Scrub.Report report = with(config, (database, stores, worker) -> {
            Quarantine quarantine = new Quarantine(
                    database,
                    stores.workspace(),
                    stores.blobs(),
                    new ContentIndex(database, Clock.systemUTC()),
                    worker,
                    blob -> {});
            return Awaited.of(new Scrub(database, stores.blobs(), quarantine, worker).run(out::println));
        });
        out.println(
                report.blobs() + " blobs and " + report.files() + " files were read, " + report.bad() + " are bad.");
        if (report.bad() > 0) {
            throw new CommandFailed("Bad content was found and quarantined.");
        }
    }

    void collect(ServerConfig config) throws Exception {
        int deleted = with(config, (database, stores, worker) -> {
            stores.blobs().collectStaged(BlobCollection.GRACE);
            return Awaited.of(
                    new BlobCollection(database, stores.blobs(), worker, Clock.systemUTC(), BlobCollection.GRACE)
                            .collect());
        });
        out.println(deleted + " blobs were deleted.");
    }

    @FunctionalInterface
    private interface Work<T> {
        T on(Database database, Stores stores, WorkerExecutor worker) throws Exception;
    }

    private static <T> T with(ServerConfig config, Work<T> work) throws Exception {
        Vertx vertx = Server.vertx();
        try {
            Database database = Awaited.of(Database.open(vertx, Server.database(config)));
            try {
                return work.on(
                        database,
                        Stores.open(vertx, config),
                        vertx.createSharedWorkerExecutor("sluice-index", 1, 1, TimeUnit.DAYS));
            } finally {
                Awaited.of(database.close());
            }
        } finally {
            Awaited.of(vertx.close());
        }
    }
}
