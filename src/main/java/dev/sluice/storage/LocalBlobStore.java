package dev.sluice.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

public final class LocalBlobStore {
    private final Path root;

    public LocalBlobStore(Path root) throws IOException {
        this.root = root;
    }

    public FileChannel open(BlobId blob) throws IOException {
        return FileChannel.open(root.resolve(blob.sha256()));
    }
}
