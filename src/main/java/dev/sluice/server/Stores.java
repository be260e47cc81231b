package dev.sluice.server;

import dev.sluice.metrics.Meters;
import dev.sluice.storage.BlobStore;
import dev.sluice.storage.LocalBlobStore;
import dev.sluice.storage.RemoteBlobStore;
import dev.sluice.storage.StoreUnavailable;
import dev.sluice.storage.Workspace;
import dev.sluice.storage.s3.S3BlobStore;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where bytes are. */
record Stores(Workspace workspace, BlobStore blobs) {
    private static final Logger log = LoggerFactory.getLogger(Stores.class);

    private static final Duration UPLOAD_PAUSES = Duration.ofHours(24);

    /** Worker thread. Fails when the store cannot be reached. */
    static Stores open(Vertx vertx, ServerConfig config, Meters meters) throws IOException {
        BlobStore blobs = switch (config.storage().kind()) {
            case LOCAL -> local(config.data());
            case S3 -> s3(vertx, config, meters);
        };
        try {
            blobs.collectStaged(UPLOAD_PAUSES);
        } catch (StoreUnavailable refused) {
            // Some credentials may not look for parts of uploads, and some engines cannot.
            log.warn("What broken uploads left cannot be collected: {}", refused.getMessage());
        }
        return new Stores(workspace(config.data()), blobs);
    }

    /** Live job directories. Worker thread. */
    static Workspace workspace(ServerConfig.Data data) throws IOException {
        Workspace workspace = new Workspace(data.workspaceDir());
        workspace.collectStaged(UPLOAD_PAUSES);
        return workspace;
    }

    /** Where files of the catalog are kept, if not on this machine. */
    Optional<RemoteBlobStore> catalog() {
        return blobs instanceof S3BlobStore s3 ? Optional.of(s3.beside("catalog")) : Optional.empty();
    }

    /** The store on this machine, whichever is in use. */
    static LocalBlobStore local(ServerConfig.Data data) throws IOException {
        return new LocalBlobStore(data.dir().resolve("store"));
    }

    /** The store in a bucket, whichever is in use. */
    static S3BlobStore s3(Vertx vertx, ServerConfig config, Meters meters) throws IOException {
        S3BlobStore store = new S3BlobStore(
                vertx, config.storage().s3().connection(), config.data().dir().resolve("store"), meters);
        store.requireBucket();
        return store;
    }
}
