package dev.sluice.archive;

import java.util.List;

/** Pieces of a tar: for entry {@code i} its headers ({@code 2i}, after the padding of what precedes) and content ({@code 2i + 1}), then the end. */
final class TarFormat implements Format {
    private final List<Entry> entries;
    /** Offset of each entry's piece of headers; the last is the end's. */
    private final long[] header;

    private final long length;

    TarFormat(List<Entry> entries) {
        this.entries = entries;
        int count = entries.size();
        header = new long[count + 1];
        Fields out = Fields.measure();
        for (int i = 0; i < count; i++) {
            Entry entry = entries.get(i);
            if (entry.encoding() == Entry.Encoding.DEFLATED) {
                throw new IllegalArgumentException("a tar cannot hold deflated content: " + entry.name());
            }
            header[i] = out.position();
            write(2 * i, out);
            out.skip(entry.size());
        }
        header[count] = out.position();
        write(2 * count, out);
        length = out.position();
    }

    @Override
    public int pieces() {
        return 2 * entries.size() + 1;
    }

    @Override
    public long offset(int piece) {
        if (piece > 2 * entries.size()) {
            return length;
        }
        int entry = piece / 2;
        return entryOf(piece) == NO_ENTRY
                ? header[entry]
                : header[entry + 1] - entries.get(entry).size();
    }

    @Override
    public int entryOf(int piece) {
        return piece % 2 == 1 ? piece / 2 : NO_ENTRY;
    }

    @Override
    public boolean startsSegment(int piece) {
        return false;
    }

    @Override
    public void write(int piece, Fields out) {
        int entry = piece / 2;
        if (entry > 0) {
            out.zeros(TarRecords.padding(entries.get(entry - 1).size()));
        }
        if (entry < entries.size()) {
            TarRecords.headers(out, entries.get(entry));
        } else {
            TarRecords.end(out);
        }
    }
}
