package dev.sluice.storage;

/** The store does not hold a blob that should be there. */
public final class BlobMissing extends StorageFailure {
    private static final long serialVersionUID = 1L;

    public BlobMissing(BlobId id) {
        super("no blob " + id.sha256());
    }
}
