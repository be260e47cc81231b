package dev.sluice.server;

import dev.sluice.storage.LocalBlobStore;
import dev.sluice.storage.Workspace;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** Where bytes are. */
record Stores(Workspace workspace, LocalBlobStore blobs) {
    private static final Duration UPLOAD_PAUSES = Duration.ofHours(24);

    /** Worker thread. */
    static Stores open(ServerConfig.Data data) throws IOException {
        Path dir = data.dir();
        Workspace workspace = new Workspace(data.workspaceDir());
        workspace.collectStaged(UPLOAD_PAUSES);
        LocalBlobStore blobs = new LocalBlobStore(dir.resolve("store"));
        blobs.collectStaged(UPLOAD_PAUSES);
        return new Stores(workspace, blobs);
    }
}
