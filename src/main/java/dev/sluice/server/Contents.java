package dev.sluice.server;

import dev.sluice.database.Database;
import dev.sluice.metrics.Meters;
import dev.sluice.storage.BlobId;
import dev.sluice.storage.Blobs;
import dev.sluice.storage.ContentIndex;
import dev.sluice.storage.Encodings;
import dev.sluice.storage.ParallelDeflater;
import dev.sluice.storage.Quarantine;
import io.vertx.core.WorkerExecutor;
import java.time.Clock;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stored bytes, live and published, with what is known of them and what takes the bad ones out of service. */
record Contents(Stores stores, ContentIndex index, Encodings encodings, Quarantine quarantine) {
    private static final Logger log = LoggerFactory.getLogger(Contents.class);

    /**
     * On what is stored.
     *
     * @param choosing judges and deflates what somebody waits for
     * @param reading reads whole contents, for minutes
     */
    static Contents of(
            Database database,
            Stores stores,
            WorkerExecutor choosing,
            WorkerExecutor reading,
            Meters meters,
            Clock clock) {
        ContentIndex index = new ContentIndex(database, clock);
        Executor deflaters = block -> choosing.executeBlocking(Executors.callable(block), false);
        Encodings encodings = new Encodings(
                stores.workspace(),
                new Blobs(database, stores.blobs(), choosing),
                index,
                choosing,
                new ParallelDeflater(deflaters, Runtime.getRuntime().availableProcessors()));
        Quarantine quarantine =
                new Quarantine(database, stores.workspace(), stores.blobs(), index, reading, withdrawn -> {
                    encodings.forget(withdrawn);
                    meters.quarantined();
                });
        return new Contents(stores, index, encodings, quarantine);
    }

    /** The disk has failed to give a blob: it is read again, and quarantined when it is bad. */
    void suspect(BlobId blob) {
        quarantine
                .check(blob)
                .onFailure(failure -> log.warn("Blob {} could not be looked at again", blob.sha256(), failure));
    }
}
