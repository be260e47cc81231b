package dev.sluice.storage;

/** The bytes are not those that were planned, or it can no longer be shown that they are. */
public final class ContentChanged extends StorageFailure {
    private static final long serialVersionUID = 1L;

    public ContentChanged(String message) {
        super(message);
    }
}
