package dev.sluice.storage;

import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Immutable content by its SHA-256. Every method blocks: worker threads only, any number of them.
 *
 * <p>Committing and deleting the same content at once is for the caller to exclude, by the blob's row: {@link Blobs} and
 * {@link BlobCollection} do.
 */
public sealed interface BlobStore permits LocalBlobStore, RemoteBlobStore {
    /** Begins a blob, in a file on this machine. */
    StagedBlob stage() throws IOException;

    /**
     * Opens a blob for reading from its first byte on; the caller closes the channel.
     *
     * @throws BlobMissing when it is not there
     * @throws ContentChanged when it has another size, so that it cannot be what its name says
     * @throws StoreUnavailable when the store does not answer
     */
    ReadableByteChannel open(BlobId id) throws IOException;

    /** Whether a blob of that name and size is there; its bytes are not read. */
    boolean exists(BlobId id) throws IOException;

    /** Removes a blob, whatever its size. Whether it was there. */
    boolean delete(BlobId id) throws IOException;

    /**
     * Moves a blob aside, to {@code quarantine/}: it is missing from then on, and its bytes are kept for who wants to find out
     * what happened. Whether it was there.
     */
    boolean quarantine(BlobId id) throws IOException;

    /** Shows every blob, in no order; what is committed or deleted meanwhile may be shown or not. */
    void list(Consumer<StoredBlob> seen) throws IOException;

    /** Removes what writers left behind that ended with their process. At start; longer than any writer may pause. */
    void collectStaged(Duration olderThan) throws IOException;
}
