package dev.sluice.storage;

/** A file cannot take this path: it names a directory, or a part of it names something that is not one. */
public final class PathConflict extends StorageFailure {
    private static final long serialVersionUID = 1L;

    PathConflict(String message) {
        super(message);
    }
}
