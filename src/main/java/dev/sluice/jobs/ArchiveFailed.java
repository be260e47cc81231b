package dev.sluice.jobs;

/** An archive could not be begun: a file of it changed or could not be read before anything was sent. */
public final class ArchiveFailed extends RuntimeException {
    private static final long serialVersionUID = 1;

    ArchiveFailed(Throwable cause) {
        super("The archive could not be begun", cause);
    }
}
