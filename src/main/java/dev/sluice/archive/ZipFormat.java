package dev.sluice.archive;

import java.util.List;

/**
 * Pieces of a zip: for entry {@code i} its local header ({@code 2i}) and content ({@code 2i + 1}), then a central header for each, then
 * the end. Two longs an entry are all that is kept beside the entries.
 */
final class ZipFormat implements Format {
    private final List<Entry> entries;
    /** Offset of each local header; the last is the central directory's. */
    private final long[] local;
    /** Offset of each central header; the last is the end records'. */
    private final long[] central;

    private final long length;

    ZipFormat(List<Entry> entries) {
        this.entries = entries;
        int count = entries.size();
        local = new long[count + 1];
        central = new long[count + 1];
        Fields out = Fields.measure();
        for (int i = 0; i < count; i++) {
            local[i] = out.position();
            ZipRecords.localHeader(out, i, entries.get(i));
            out.skip(entries.get(i).storedSize());
        }
        local[count] = out.position();
        for (int i = 0; i < count; i++) {
            central[i] = out.position();
            ZipRecords.centralHeader(out, i, entries.get(i), local[i]);
        }
        central[count] = out.position();
        end(out);
        length = out.position();
    }

    @Override
    public int pieces() {
        return 3 * entries.size() + 1;
    }

    @Override
    public long offset(int piece) {
        int count = entries.size();
        if (piece >= 2 * count) {
            return piece > 3 * count ? length : central[piece - 2 * count];
        }
        int entry = piece / 2;
        return isContent(piece) ? local[entry + 1] - entries.get(entry).storedSize() : local[entry];
    }

    @Override
    public int entryOf(int piece) {
        return isContent(piece) ? piece / 2 : NO_ENTRY;
    }

    @Override
    public boolean startsSegment(int piece) {
        int directory = 2 * entries.size();
        return piece < directory ? !entries.get(piece / 2).isEmpty() : piece == directory;
    }

    @Override
    public void write(int piece, Fields out) {
        int count = entries.size();
        if (piece < 2 * count) {
            ZipRecords.localHeader(out, piece / 2, entries.get(piece / 2));
        } else if (piece < 3 * count) {
            int entry = piece - 2 * count;
            ZipRecords.centralHeader(out, entry, entries.get(entry), local[entry]);
        } else {
            end(out);
        }
    }

    private void end(Fields out) {
        int count = entries.size();
        ZipRecords.end(out, count, central[0], central[count] - central[0]);
    }

    private boolean isContent(int piece) {
        return piece % 2 == 1 && piece / 2 < entries.size();
    }
}
