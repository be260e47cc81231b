package dev.sluice.archive;

/** A client's glob cannot be used. The message does not repeat the glob and may be shown. */
public final class InvalidGlob extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The list of patterns that the fault is in. */
    public enum Role {
        INCLUDE,
        EXCLUDE
    }

    private final Role role;
    private final int position;

    InvalidGlob(Role role, int position, String fault) {
        super("Pattern " + (position + 1) + " of " + (role == Role.INCLUDE ? "include " : "exclude ") + fault);
        this.role = role;
        this.position = position;
    }

    public Role role() {
        return role;
    }

    /** Index of the pattern in its list, from 0. */
    public int position() {
        return position;
    }
}
