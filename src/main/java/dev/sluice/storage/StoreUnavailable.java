package dev.sluice.storage;

/** The store elsewhere does not answer, or refuses; says nothing about the content. Retry later. */
public final class StoreUnavailable extends StorageFailure {
    private static final long serialVersionUID = 1L;

    public StoreUnavailable(String message) {
        super(message);
    }

    public StoreUnavailable(String message, Throwable cause) {
        super(message, cause);
    }
}
