package dev.sluice.archive;

import java.time.Instant;
import java.time.LocalDate;

/**
 * The zip format on one screen: every field in order, labelled with its size in the name of the call. Sections are those of PKWARE's
 * APPNOTE.TXT 6.3.10.
 */
final class ZipRecords {
    /** 4.3.7 */
    private static final int LOCAL_FILE_HEADER = 0x04034B50;
    /** 4.3.12 */
    private static final int CENTRAL_FILE_HEADER = 0x02014B50;
    /** 4.3.14 */
    private static final int ZIP64_END_OF_CENTRAL_DIRECTORY = 0x06064B50;
    /** 4.3.15 */
    private static final int ZIP64_END_OF_CENTRAL_DIRECTORY_LOCATOR = 0x07064B50;
    /** 4.3.16 */
    private static final int END_OF_CENTRAL_DIRECTORY = 0x06054B50;
    /** 4.5.3 */
    private static final int ZIP64_EXTRA = 0x0001;
    /** 4.6.1; contents as in Info-ZIP's proginfo/extrafld.txt */
    private static final int EXTENDED_TIMESTAMP_EXTRA = 0x5455;

    /** 4.4.2: Unix made it, by version 6.3 of the specification. */
    private static final int MADE_BY = 3 << 8 | 63;
    /** 4.4.3.2 */
    private static final int NEEDS_1_0 = 10;

    private static final int NEEDS_2_0_FOR_DEFLATE_OR_DIRECTORY = 20;
    private static final int NEEDS_4_5_FOR_ZIP64 = 45;
    /** 4.4.4: bit 11, the name is UTF-8. Bit 3 stays clear: CRC-32 and sizes are in the local header. */
    private static final int UTF8 = 1 << 11;
    /** 4.4.5 */
    private static final int METHOD_STORED = 0;

    private static final int METHOD_DEFLATED = 8;
    /** 4.4.15: MS-DOS directory bit in the low byte, st_mode of Unix in the upper two. */
    private static final int MSDOS_DIRECTORY = 0x10;

    private static final int S_IFREG = 0100000;
    private static final int S_IFDIR = 0040000;

    /** 4.4.1.4: what stands in a field too small for its value, which then is in a Zip64 record. */
    static final long SEE_ZIP64 = 0xFFFFFFFFL;

    static final int SEE_ZIP64_COUNT = 0xFFFF;

    private static final int SECONDS_PER_DAY = 24 * 60 * 60;
    /** In Unix seconds, as is the last that a DOS date can say. */
    private static final long DOS_FIRST = Instant.parse("1980-01-01T00:00:00Z").getEpochSecond();

    private static final long DOS_LAST = Instant.parse("2107-12-31T23:59:58Z").getEpochSecond();

    private ZipRecords() {}

    /** 4.3.7 */
    static void localHeader(Fields out, int index, Entry entry) {
        // 4.5.3: in the local header both sizes are in the extra field as soon as one does not fit.
        boolean zip64 = overflows(entry.size()) || overflows(entry.storedSize());
        boolean timestamp = fitsExtendedTimestamp(entry);
        out.u4(LOCAL_FILE_HEADER);
        out.u2(versionNeeded(entry, zip64));
        out.u2(UTF8);
        out.u2(method(entry));
        out.u4(dosTimeAndDate(entry.modified()));
        out.crc32(index, entry);
        out.u4(zip64 ? SEE_ZIP64 : entry.storedSize());
        out.u4(zip64 ? SEE_ZIP64 : entry.size());
        out.u2(nameLength(entry));
        out.u2((zip64 ? 4 + 2 * 8 : 0) + (timestamp ? 4 + 5 : 0));
        out.name(entry);
        if (zip64) {
            out.u2(ZIP64_EXTRA);
            out.u2(2 * 8);
            out.u8(entry.size());
            out.u8(entry.storedSize());
        }
        if (timestamp) {
            extendedTimestamp(out, entry);
        }
    }

    /** 4.3.12 */
    static void centralHeader(Fields out, int index, Entry entry, long localHeaderOffset) {
        // 4.5.3: here the extra field holds only what does not fit, in this order.
        int zip64Fields = (overflows(entry.size()) ? 1 : 0)
                + (overflows(entry.storedSize()) ? 1 : 0)
                + (overflows(localHeaderOffset) ? 1 : 0);
        boolean zip64 = zip64Fields > 0;
        boolean timestamp = fitsExtendedTimestamp(entry);
        out.u4(CENTRAL_FILE_HEADER);
        out.u2(MADE_BY);
        out.u2(versionNeeded(entry, zip64));
        out.u2(UTF8);
        out.u2(method(entry));
        out.u4(dosTimeAndDate(entry.modified()));
        out.crc32(index, entry);
        out.u4(Math.min(entry.storedSize(), SEE_ZIP64));
        out.u4(Math.min(entry.size(), SEE_ZIP64));
        out.u2(nameLength(entry));
        out.u2((zip64 ? 4 + zip64Fields * 8 : 0) + (timestamp ? 4 + 5 : 0));
        out.u2(0); // length of the comment
        out.u2(0); // disk
        out.u2(0); // internal attributes
        out.u4(externalAttributes(entry));
        out.u4(Math.min(localHeaderOffset, SEE_ZIP64));
        out.name(entry);
        if (zip64) {
            out.u2(ZIP64_EXTRA);
            out.u2(zip64Fields * 8);
            zip64Field(out, entry.size());
            zip64Field(out, entry.storedSize());
            zip64Field(out, localHeaderOffset);
        }
        if (timestamp) {
            extendedTimestamp(out, entry);
        }
    }

    /** 4.3.14 to 4.3.16 */
    static void end(Fields out, int entries, long centralOffset, long centralSize) {
        if (entries >= SEE_ZIP64_COUNT || overflows(centralOffset) || overflows(centralSize)) {
            long zip64EndOffset = centralOffset + centralSize;
            out.u4(ZIP64_END_OF_CENTRAL_DIRECTORY);
            out.u8(56 - 12); // of this record, without its first two fields
            out.u2(MADE_BY);
            out.u2(NEEDS_4_5_FOR_ZIP64);
            out.u4(0); // this disk
            out.u4(0); // disk with the central directory
            out.u8(entries); // on this disk
            out.u8(entries);
            out.u8(centralSize);
            out.u8(centralOffset);

            out.u4(ZIP64_END_OF_CENTRAL_DIRECTORY_LOCATOR);
            out.u4(0); // disk with the record above
            out.u8(zip64EndOffset);
            out.u4(1); // disks
        }
        out.u4(END_OF_CENTRAL_DIRECTORY);
        out.u2(0); // this disk
        out.u2(0); // disk with the central directory
        out.u2(Math.min(entries, SEE_ZIP64_COUNT)); // on this disk
        out.u2(Math.min(entries, SEE_ZIP64_COUNT));
        out.u4(Math.min(centralSize, SEE_ZIP64));
        out.u4(Math.min(centralOffset, SEE_ZIP64));
        out.u2(0); // length of the comment
    }

    private static void zip64Field(Fields out, long value) {
        if (overflows(value)) {
            out.u8(value);
        }
    }

    /** Modification time in Unix seconds, signed; the same in both headers when it is the only time given. */
    private static void extendedTimestamp(Fields out, Entry entry) {
        out.u2(EXTENDED_TIMESTAMP_EXTRA);
        out.u2(5);
        out.u1(1); // bit 0: modification time
        out.u4(entry.modified().getEpochSecond());
    }

    private static boolean fitsExtendedTimestamp(Entry entry) {
        long seconds = entry.modified().getEpochSecond();
        return seconds == (int) seconds;
    }

    private static boolean overflows(long value) {
        return value >= SEE_ZIP64;
    }

    private static int versionNeeded(Entry entry, boolean zip64) {
        if (zip64) {
            return NEEDS_4_5_FOR_ZIP64;
        }
        return entry.isDirectory() || entry.encoding() == Entry.Encoding.DEFLATED
                ? NEEDS_2_0_FOR_DEFLATE_OR_DIRECTORY
                : NEEDS_1_0;
    }

    private static int method(Entry entry) {
        return entry.encoding() == Entry.Encoding.DEFLATED ? METHOD_DEFLATED : METHOD_STORED;
    }

    private static int nameLength(Entry entry) {
        return entry.name().utf8Length() + (entry.isDirectory() ? 1 : 0);
    }

    private static long externalAttributes(Entry entry) {
        return entry.isDirectory()
                ? (long) (S_IFDIR | entry.mode()) << 16 | MSDOS_DIRECTORY
                : (long) (S_IFREG | entry.mode()) << 16;
    }

    /** 4.4.6: time in the lower half, date in the upper, two-second steps; in UTC, so that no replica's zone shows. */
    private static int dosTimeAndDate(Instant modified) {
        long seconds = Math.min(Math.max(modified.getEpochSecond(), DOS_FIRST), DOS_LAST);
        LocalDate day = LocalDate.ofEpochDay(seconds / SECONDS_PER_DAY);
        int second = (int) (seconds % SECONDS_PER_DAY);
        int date = (day.getYear() - 1980) << 9 | day.getMonthValue() << 5 | day.getDayOfMonth();
        int time = (second / 3600) << 11 | (second / 60 % 60) << 5 | second % 60 / 2;
        return date << 16 | time;
    }
}
