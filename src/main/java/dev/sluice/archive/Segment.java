package dev.sluice.archive;

import java.util.IntSummaryStatistics;
import java.util.function.IntUnaryOperator;

/** A run of bytes of an archive: rendered from the entries' metadata, or taken from one file. Never empty. */
public sealed interface Segment {
    /** In bytes, at least 1. */
    long length();

    /**
     * Bytes {@code [offset, offset + length)} of an entry's stored bytes: of the file itself, or of its deflated copy.
     *
     * @param entry index into the list the layout was made of
     */
    record FileRegion(int entry, long offset, long length) implements Segment {}

    /** Headers, padding, directory: at most {@link #MAX_LENGTH} bytes, rendered on demand and on any thread. */
    final class Bytes implements Segment {
        public static final int MAX_LENGTH = 64 * 1024;

        private final Format format;
        private final int firstPiece;
        private final long from;
        private final int length;
        private final int firstEntry;
        private final int lastEntry;

        Bytes(Format format, int firstPiece, long from, int length) {
            this.format = format;
            this.firstPiece = firstPiece;
            this.from = from;
            this.length = length;
            IntSummaryStatistics contained = new IntSummaryStatistics();
            write(Fields.dry(format.offset(firstPiece), from, length, entry -> {
                contained.accept(entry);
                return 0;
            }));
            this.firstEntry = contained.getMin();
            this.lastEntry = contained.getCount() == 0 ? -1 : contained.getMax();
        }

        @Override
        public long length() {
            return length;
        }

        /** Whether a CRC-32 must be known before {@link #render}. */
        public boolean needsCrc32() {
            return lastEntry >= 0;
        }

        /** The first entry whose CRC-32 these bytes contain; greater than {@link #lastEntry} when they contain none. */
        public int firstEntry() {
            return firstEntry;
        }

        /** The last entry whose CRC-32 these bytes contain, or -1. Entries in between are needed too, unless they are empty. */
        public int lastEntry() {
            return lastEntry;
        }

        /**
         * Renders the bytes into a new array.
         *
         * @param crc32ByEntry CRC-32 of an entry's uncompressed content; asked only for entries in {@link #firstEntry} to
         *     {@link #lastEntry} that are not {@linkplain Entry#isEmpty empty}
         */
        public byte[] render(IntUnaryOperator crc32ByEntry) {
            byte[] rendered = new byte[length];
            write(Fields.into(rendered, format.offset(firstPiece), from, crc32ByEntry));
            return rendered;
        }

        private void write(Fields out) {
            for (int piece = firstPiece; out.position() < from + length; piece++) {
                if (format.entryOf(piece) == Format.NO_ENTRY) {
                    format.write(piece, out);
                }
            }
        }
    }
}
