package dev.sluice.archive;

/**
 * An archive as a list of typed pieces in order, each with its byte range. Pieces of an entry's content may be empty; the range of a
 * piece ends where the next begins.
 */
sealed interface Format permits ZipFormat, TarFormat, PlainFile {
    int NO_ENTRY = -1;

    int pieces();

    /** Where the piece begins, in bytes; the archive's length for {@link #pieces}. Never falls as {@code piece} rises. */
    long offset(int piece);

    /** The entry whose content the piece is, or {@link #NO_ENTRY} when it is written by {@link #write}. */
    int entryOf(int piece);

    /**
     * Whether a piece that is not an entry's content must not share a segment with what comes before, because it may have to wait for a
     * CRC-32.
     */
    boolean startsSegment(int piece);

    /** Writes a piece that is not an entry's content: exactly the bytes from its offset to the next piece's. */
    void write(int piece, Fields out);

    default long length() {
        return offset(pieces());
    }
}
