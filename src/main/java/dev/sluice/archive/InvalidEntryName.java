package dev.sluice.archive;

/** A client named a path that no job holds and no archive may carry. The message does not repeat the name and may be shown. */
public final class InvalidEntryName extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What is wrong with the name. */
    public enum Fault {
        EMPTY("is empty"),
        ABSOLUTE("is absolute"),
        EMPTY_SEGMENT("has an empty segment"),
        DOT_SEGMENT("has a '.' or '..' segment"),
        BACKSLASH("has a backslash"),
        CONTROL_CHARACTER("has a control character"),
        NOT_UNICODE("is not well-formed Unicode"),
        SEGMENT_TOO_LONG("has a segment over 255 bytes"),
        TOO_LONG("is over 4096 bytes");

        private final String text;

        Fault(String text) {
            this.text = text;
        }
    }

    private final Fault fault;

    InvalidEntryName(Fault fault) {
        super("The path " + fault.text);
        this.fault = fault;
    }

    public Fault fault() {
        return fault;
    }
}
