package dev.sluice.archive;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;

/**
 * Every byte of an archive, or of a range of one, as arithmetic: its exact length and the segments it consists of, known before a file is
 * read. Immutable and free of I/O; any thread may use it.
 *
 * <p>Layouts know no CRC-32: lengths and offsets do not depend on them, and of a live file it may become known only while the entries
 * before it are already being sent. {@link Segment.Bytes} says which ones it waits for.
 */
public final class ArchiveLayout {
    /** Part of every archive's entity tag: raise it when the same entries would be laid out as other bytes than before. */
    public static final int VERSION = 2;

    private final Format format;
    private final long from;
    private final long to;

    private ArchiveLayout(Format format, long from, long to) {
        this.format = format;
        this.from = from;
        this.to = to;
    }

    /** A zip (APPNOTE 6.3.10) of the entries in this order; Zip64 exactly where a value needs it. */
    public static ArchiveLayout zip(List<Entry> entries) {
        return whole(new ZipFormat(List.copyOf(entries)));
    }

    /**
     * A tar (POSIX.1-2001: ustar, with pax records exactly where ustar falls short) of the entries in this order, ended by two blocks of
     * zeros and not padded to a record of 10,240 bytes, which no reader asks for.
     *
     * @throws IllegalArgumentException when an entry is deflated
     */
    public static ArchiveLayout tar(List<Entry> entries) {
        return whole(new TarFormat(List.copyOf(entries)));
    }

    /** A file as it is: one region of entry 0, or none when it is empty. */
    public static ArchiveLayout file(long length) {
        return whole(new PlainFile(length));
    }

    private static ArchiveLayout whole(Format format) {
        return new ArchiveLayout(format, 0, format.length());
    }

    /** In bytes. */
    public long length() {
        return to - from;
    }

    /**
     * Bytes {@code [from, to)} of this layout, which may itself be a slice. Costs a search by halves when iterated, whatever lies before.
     *
     * @throws IndexOutOfBoundsException unless {@code 0 <= from <= to <= length()}
     */
    public ArchiveLayout slice(long from, long to) {
        Objects.checkFromToIndex(from, to, length());
        return new ArchiveLayout(format, this.from + from, this.from + to);
    }

    /** The segments in order, made as they are asked for; their lengths sum to {@link #length}. */
    public Iterator<Segment> segments() {
        return new Segments();
    }

    /** The piece that holds the byte at the position: the last that begins there or before, since some are empty. */
    private int pieceAt(long position) {
        int low = 0;
        int high = format.pieces();
        while (high - low > 1) {
            int middle = (low + high) >>> 1;
            if (format.offset(middle) <= position) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private final class Segments implements Iterator<Segment> {
        private long position = from;
        /** Holds the byte at the position, while there is one. */
        private int piece = pieceAt(from);

        @Override
        public boolean hasNext() {
            return position < to;
        }

        @Override
        public Segment next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            Segment segment = segment();
            position += segment.length();
            while (hasNext() && format.offset(piece + 1) <= position) {
                piece++;
            }
            return segment;
        }

        private Segment segment() {
            int entry = format.entryOf(piece);
            if (entry == Format.NO_ENTRY) {
                return new Segment.Bytes(format, piece, position, (int) (endOfBytes() - position));
            }
            long end = Math.min(to, format.offset(piece + 1));
            return new Segment.FileRegion(entry, position - format.offset(piece), end - position);
        }

        /** Header bytes go on over empty content and into the next header, unless that one may have to wait. */
        private long endOfBytes() {
            long limit = Math.min(to, position + Segment.Bytes.MAX_LENGTH);
            int next = piece + 1;
            while (format.offset(next) < limit && continuesBytes(next)) {
                next++;
            }
            return Math.min(limit, format.offset(next));
        }

        private boolean continuesBytes(int next) {
            return format.entryOf(next) == Format.NO_ENTRY
                    ? !format.startsSegment(next)
                    : format.offset(next) == format.offset(next + 1);
        }
    }
}
