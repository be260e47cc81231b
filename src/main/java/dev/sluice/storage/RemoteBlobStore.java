package dev.sluice.storage;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;

/** A store whose blobs are not files of this machine, and can be read without a thread for each. */
public non-sealed interface RemoteBlobStore extends BlobStore {
    /** Makes a file's bytes a blob, unless it is there already; the file stays. Worker thread. */
    void put(BlobId id, Path file) throws IOException;

    /**
     * Begins to read the bytes from {@code from} up to {@code until}, at least one. Any thread, also an event loop.
     *
     * @param from first offset
     * @param until offset after the last
     */
    BlobRead read(BlobId id, long from, long until);

    /**
     * Where whoever has the address can get the blob for so long, by GET. Any thread.
     *
     * @param disposition {@code Content-Disposition} of the answer
     * @param mediaType {@code Content-Type} of the answer
     */
    URI presigned(BlobId id, String disposition, String mediaType, Duration validity);
}
