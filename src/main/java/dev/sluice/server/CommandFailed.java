package dev.sluice.server;

/** A command could not be carried out, for a reason that the one who typed it understands. */
final class CommandFailed extends Exception {
    private static final long serialVersionUID = 1;

    CommandFailed(String message) {
        super(message);
    }

    CommandFailed(Exception refused) {
        super(refused.getMessage(), refused);
    }
}
