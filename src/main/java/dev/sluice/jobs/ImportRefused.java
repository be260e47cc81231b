package dev.sluice.jobs;

/** A directory cannot be imported; the message says why. */
public final class ImportRefused extends Exception {
    private static final long serialVersionUID = 1;

    ImportRefused(String message) {
        super(message);
    }
}
