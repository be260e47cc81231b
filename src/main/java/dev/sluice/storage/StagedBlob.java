package dev.sluice.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Content on its way into the blob store. Written like a {@link StagedUpload}, named by what was written. Ends by exactly one of
 * commit and cancel; {@link #close} cancels what was not committed. One thread at a time.
 */
public final class StagedBlob implements AutoCloseable {
    private final StagedFile file;
    private final Publication publication;
    private boolean ended;

    StagedBlob(StagedFile file, Publication publication) {
        this.file = file;
        this.publication = publication;
    }

    /** The last step: gives the bytes their name, and lets go of the file. */
    @FunctionalInterface
    interface Publication {
        BlobId publish(StagedFile file) throws IOException;
    }

    /** The staged file, which exists and is empty at first; to be opened for writing, not created. */
    public Path path() {
        return file.path();
    }

    /** Writes and hashes. Worker thread. */
    public void write(ByteBuffer bytes) throws IOException {
        file.write(bytes);
    }

    /** Hashes bytes that the caller writes; leaves the buffer as it was. Does not block: event loop or worker. */
    public void update(ByteBuffer bytes) {
        file.hasher().update(bytes);
    }

    /** Bytes hashed so far. */
    public long size() {
        return file.hasher().size();
    }

    /** Of all bytes; none can follow. To be compared with what was promised, before committing. */
    public Fingerprint fingerprint() {
        return file.hasher().finish();
    }

    /**
     * Makes the bytes durable and gives them their name; when the store holds them already, that is as good. On any failure nothing
     * is staged any more and nothing half is visible. Worker thread.
     *
     * @throws StorageFull when the disk is full
     * @throws StoreUnavailable when the store elsewhere does not take them
     * @throws ContentChanged when the staged bytes are not as many as were hashed
     */
    public BlobId commit() throws IOException {
        if (ended) {
            throw new IllegalStateException("already committed or cancelled");
        }
        ended = true;
        return file.orDiscard(() -> publication.publish(file));
    }

    /** Forgets the bytes. Again, or after a commit: nothing happens. Worker thread. */
    public void cancel() throws IOException {
        if (!ended) {
            ended = true;
            file.discard();
        }
    }

    @Override
    public void close() throws IOException {
        cancel();
    }
}
