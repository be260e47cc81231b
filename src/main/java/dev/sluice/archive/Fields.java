package dev.sluice.archive;

import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;

/**
 * Takes the fields of headers in order and keeps those bytes that fall into a window. Measuring is writing with an empty window, so
 * sizes and bytes cannot drift apart. Integers are little-endian (APPNOTE 4.4.1.1).
 */
final class Fields {
    private static final byte[] NOTHING = {};

    private final byte[] target;
    private final long from;
    private final long to;
    private final IntUnaryOperator crc32ByEntry;
    private long position;

    private Fields(byte[] target, long position, long from, long to, IntUnaryOperator crc32ByEntry) {
        this.target = target;
        this.position = position;
        this.from = from;
        this.to = to;
        this.crc32ByEntry = crc32ByEntry;
    }

    /** Only counts: {@link #position} starts at 0. */
    static Fields measure() {
        return new Fields(NOTHING, 0, 0, 0, entry -> 0);
    }

    /** Keeps nothing, but asks for every CRC-32 that touches {@code [from, from + length)}. */
    static Fields dry(long position, long from, int length, IntUnaryOperator crc32ByEntry) {
        return new Fields(NOTHING, position, from, from + length, crc32ByEntry);
    }

    /** Fills {@code target} with what is written at {@code [from, from + target.length)}. */
    static Fields into(byte[] target, long position, long from, IntUnaryOperator crc32ByEntry) {
        return new Fields(target, position, from, from + target.length, crc32ByEntry);
    }

    /** Offset in the archive of the next byte. */
    long position() {
        return position;
    }

    void u1(int value) {
        little(value, 1);
    }

    void u2(int value) {
        little(value, 2);
    }

    void u4(long value) {
        little(value, 4);
    }

    void u8(long value) {
        little(value, 8);
    }

    void crc32(int index, Entry entry) {
        if (entry.isEmpty() || misses(4)) {
            u4(0);
        } else {
            u4(crc32ByEntry.applyAsInt(index));
        }
    }

    void name(Entry entry) {
        block(entry.name().utf8Length(), entry.name()::utf8);
        if (entry.isDirectory()) {
            u1('/');
        }
    }

    /** Bytes that the target already holds: it is made of zeros. */
    void zeros(int count) {
        position += count;
    }

    /** Content, which is not ours to write. */
    void skip(long length) {
        position = Math.addExact(position, length);
    }

    /** As many bytes as are said, rendered only if one of them is kept. */
    void block(int length, Supplier<byte[]> bytes) {
        if (target.length > 0 && !misses(length)) {
            long first = Math.max(position, from);
            int kept = (int) (Math.min(position + length, to) - first);
            System.arraycopy(bytes.get(), (int) (first - position), target, (int) (first - from), kept);
        }
        position += length;
    }

    private void little(long value, int bytes) {
        for (int shift = 0; shift < bytes * 8; shift += 8) {
            if (target.length > 0 && !misses(1)) {
                target[(int) (position - from)] = (byte) (value >>> shift);
            }
            position++;
        }
    }

    private boolean misses(int length) {
        return position + length <= from || position >= to;
    }
}
