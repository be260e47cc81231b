package dev.sluice.delivery;

/** A transfer that could not be finished after its headers were sent; the connection was reset. */
public final class TransferAborted extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Who ended it. */
    public enum Party {
        /** The client left, or its connection broke. */
        CLIENT,
        /** The content changed or could not be read. */
        CONTENT,
        /** The server ended it: stalled, draining. */
        SERVER
    }

    private final Party party;

    TransferAborted(Party party, String message, Throwable cause) {
        super(message, cause);
        this.party = party;
    }

    public Party party() {
        return party;
    }
}
