package dev.sluice.storage;

import java.io.IOException;

/** What storage refuses or cannot do for a reason that the caller can name; every other {@link IOException} is the disk's. */
public abstract sealed class StorageFailure extends IOException
        permits BlobMissing,
                ContentChanged,
                PathConflict,
                StorageFull,
                StoreUnavailable,
                TooManyEntries,
                UnrepresentableName {
    private static final long serialVersionUID = 1L;

    StorageFailure(String message) {
        super(message);
    }

    StorageFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
