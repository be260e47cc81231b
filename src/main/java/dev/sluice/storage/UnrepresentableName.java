package dev.sluice.storage;

/**
 * A file's name is not valid in the process's character set, so it can be neither shown nor opened again. Said aloud: leaving the
 * file out would make an archive that looks complete. A server should run under a UTF-8 locale.
 */
public final class UnrepresentableName extends StorageFailure {
    private static final long serialVersionUID = 1L;

    UnrepresentableName(String message) {
        super(message);
    }
}
