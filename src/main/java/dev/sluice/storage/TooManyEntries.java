package dev.sluice.storage;

/** A directory holds more entries, or more levels, than one archive may have. */
public final class TooManyEntries extends StorageFailure {
    private static final long serialVersionUID = 1L;

    TooManyEntries(String message) {
        super(message);
    }
}
