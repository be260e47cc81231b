package dev.sluice.server;

import dev.sluice.cli.Command;
import dev.sluice.database.Database;
import dev.sluice.metrics.Meters;
import dev.sluice.storage.BlobCollection;
import dev.sluice.storage.BlobCopy;
import dev.sluice.storage.BlobStore;
import dev.sluice.storage.ContentIndex;
import dev.sluice.storage.Quarantine;
import dev.sluice.storage.Scrub;
import dev.sluice.storage.StoreUnavailable;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Clock;
import java.util.concurrent.TimeUnit;

/** {@code scrub}, {@code gc} and {@code storage copy}: upkeep of what the server of this configuration stores, whether it runs or not. */
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

    void copy(ServerConfig config, Command.StorageCopy.Place from, Command.StorageCopy.Place to) throws Exception {
        if (from == to) {
            throw new CommandFailed("There is nothing to copy from a store to itself.");
        }
        if (!config.storage().s3().isComplete()) {
            throw new CommandFailed("s3.endpoint, s3.bucket, s3.access-key and s3.secret-key must be set.");
        }
        Vertx vertx = Server.vertx();
        try (Meters meters = new Meters()) {
            BlobCopy.Report report = new BlobCopy(store(vertx, config, from, meters), store(vertx, config, to, meters))
                    .run(out::println);
            out.println(report.copied() + " blobs (" + report.bytes() + " bytes) were copied and read back, "
                    + report.present() + " were there before, " + report.bad() + " are bad.");
            if (report.bad() > 0) {
                throw new CommandFailed("Bad content was found; scrub quarantines it.");
            }
        } catch (StoreUnavailable unavailable) {
            throw new CommandFailed("The copy broke off, and can be run again: " + unavailable.getMessage());
        } finally {
            Awaited.of(vertx.close());
        }
    }

    private static BlobStore store(Vertx vertx, ServerConfig config, Command.StorageCopy.Place place, Meters meters)
            throws IOException {
        return switch (place) {
            case LOCAL -> Stores.local(config.data());
            case S3 -> Stores.s3(vertx, config, meters);
        };
    }

    @FunctionalInterface
    private interface Work<T> {
        T on(Database database, Stores stores, WorkerExecutor worker) throws Exception;
    }

    private static <T> T with(ServerConfig config, Work<T> work) throws Exception {
        Vertx vertx = Server.vertx();
        try (Meters meters = new Meters()) {
            Database database = Awaited.of(Database.open(vertx, Server.database(config)));
            try {
                return work.on(
                        database,
                        Stores.open(vertx, config, meters),
                        vertx.createSharedWorkerExecutor("sluice-index", 1, 1, TimeUnit.DAYS));
            } finally {
                Awaited.of(database.close());
            }
        } finally {
            Awaited.of(vertx.close());
        }
    }
}
