package dev.sluice.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Zip64 appears exactly where a value needs it. Sizes are synthetic: no file is read, only headers are rendered. */
class Zip64Test {
    private static final long LIMIT = 0xFFFFFFFFL;
    private static final int NAME = 1;
    private static final int TIMESTAMP = 9;
    private static final int LOCAL = 30 + NAME;
    private static final int CENTRAL = 46 + NAME;
    private static final int END = 22;
    private static final int ZIP64_END = 56 + 20;

    /** Out of the extended timestamp's reach, so that only Zip64 is in the extra fields. */
    private static final Instant FAR = Instant.parse("2100-01-01T00:00:00Z");

    @Test
    void oneByteBelowTheLimitNeedsNoZip64InItsHeaders() {
        long size = LIMIT - 1;
        ArchiveLayout zip = ArchiveLayout.zip(List.of(stored(size)));

        ByteBuffer local = bytes(zip, 0, LOCAL);
        assertThat(versionNeeded(local, 4)).isEqualTo(10);
        assertThat(u4(local, 18)).isEqualTo(size);
        assertThat(u4(local, 22)).isEqualTo(size);
        assertThat(u2(local, 28)).isZero();
        ByteBuffer central = bytes(zip, LOCAL + size, CENTRAL);
        assertThat(versionNeeded(central, 6)).isEqualTo(10);
        assertThat(u4(central, 20)).isEqualTo(size);
        assertThat(u4(central, 24)).isEqualTo(size);
        assertThat(u2(central, 30)).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {LIMIT, LIMIT + 1, 9_000_000_000L})
    void fromTheLimitOnBothSizesMoveIntoTheExtraFields(long size) {
        ArchiveLayout zip = ArchiveLayout.zip(List.of(stored(size)));

        ByteBuffer local = bytes(zip, 0, LOCAL + 20);
        assertThat(versionNeeded(local, 4)).isEqualTo(45);
        assertThat(u4(local, 18)).isEqualTo(LIMIT);
        assertThat(u4(local, 22)).isEqualTo(LIMIT);
        assertThat(u2(local, 28)).isEqualTo(20);
        assertThat(u2(local, LOCAL)).isEqualTo(1);
        assertThat(u2(local, LOCAL + 2)).isEqualTo(16);
        assertThat(local.getLong(LOCAL + 4)).isEqualTo(size);
        assertThat(local.getLong(LOCAL + 12)).isEqualTo(size);

        ByteBuffer central = bytes(zip, LOCAL + 20 + size, CENTRAL + 20);
        assertThat(u4(central, 0)).isEqualTo(0x02014B50);
        assertThat(versionNeeded(central, 6)).isEqualTo(45);
        assertThat(u4(central, 20)).isEqualTo(LIMIT);
        assertThat(u4(central, 24)).isEqualTo(LIMIT);
        assertThat(u4(central, 42)).isZero();
        assertThat(u2(central, 30)).isEqualTo(20);
        assertThat(u2(central, CENTRAL)).isEqualTo(1);
        assertThat(u2(central, CENTRAL + 2)).isEqualTo(16);
        assertThat(central.getLong(CENTRAL + 4)).isEqualTo(size);
        assertThat(central.getLong(CENTRAL + 12)).isEqualTo(size);
    }

    @Test
    void deflatedBelowTheLimitTheCentralHeaderHoldsOnlyTheSizeThatOverflows() {
        Entry zeros = Entry.deflated(EntryName.parse("a"), 9_000_000_000L, 9_000_000, FAR, 0644);
        ArchiveLayout zip = ArchiveLayout.zip(List.of(zeros));

        ByteBuffer local = bytes(zip, 0, LOCAL + 20);
        assertThat(u4(local, 18)).isEqualTo(LIMIT);
        assertThat(local.getLong(LOCAL + 4)).isEqualTo(9_000_000_000L);
        assertThat(local.getLong(LOCAL + 12)).isEqualTo(9_000_000);
        ByteBuffer central = bytes(zip, LOCAL + 20 + 9_000_000, CENTRAL + 12);
        assertThat(u4(central, 20)).isEqualTo(9_000_000);
        assertThat(u4(central, 24)).isEqualTo(LIMIT);
        assertThat(u2(central, CENTRAL + 2)).isEqualTo(8);
        assertThat(central.getLong(CENTRAL + 4)).isEqualTo(9_000_000_000L);
    }

    /** Noise grows by being deflated. */
    @Test
    void deflatedBeyondTheLimitTheCentralHeaderHoldsOnlyTheStoredSize() {
        Entry noise = Entry.deflated(EntryName.parse("a"), LIMIT - 1, LIMIT + 327_679, FAR, 0644);
        ArchiveLayout zip = ArchiveLayout.zip(List.of(noise));

        ByteBuffer local = bytes(zip, 0, LOCAL + 20);
        assertThat(versionNeeded(local, 4)).isEqualTo(45);
        assertThat(u4(local, 18)).isEqualTo(LIMIT);
        assertThat(u4(local, 22)).isEqualTo(LIMIT);
        assertThat(local.getLong(LOCAL + 4)).isEqualTo(LIMIT - 1);
        assertThat(local.getLong(LOCAL + 12)).isEqualTo(LIMIT + 327_679);
        ByteBuffer central = bytes(zip, LOCAL + 20 + LIMIT + 327_679, CENTRAL + 12);
        assertThat(versionNeeded(central, 6)).isEqualTo(45);
        assertThat(u4(central, 20)).isEqualTo(LIMIT);
        assertThat(u4(central, 24)).isEqualTo(LIMIT - 1);
        assertThat(u2(central, CENTRAL + 2)).isEqualTo(8);
        assertThat(central.getLong(CENTRAL + 4)).isEqualTo(LIMIT + 327_679);
    }

    @ParameterizedTest
    @CsvSource({"4294967294, false", "4294967295, true", "4294967296, true"})
    void anOffsetAtTheLimitMovesIntoTheCentralHeaderAlone(long offset, boolean zip64) {
        ArchiveLayout zip = ArchiveLayout.zip(List.of(stored(offset - LOCAL), stored(3)));

        ByteBuffer local = bytes(zip, offset, LOCAL);
        assertThat(u4(local, 0)).isEqualTo(0x04034B50);
        assertThat(versionNeeded(local, 4)).isEqualTo(10);
        assertThat(u2(local, 28)).isZero();
        long second = offset + LOCAL + 3 + CENTRAL;
        ByteBuffer central = bytes(zip, second, CENTRAL);
        assertThat(versionNeeded(central, 6)).isEqualTo(zip64 ? 45 : 10);
        assertThat(u4(central, 42)).isEqualTo(Math.min(offset, LIMIT));
        assertThat(u2(central, 30)).isEqualTo(zip64 ? 12 : 0);
        if (zip64) {
            ByteBuffer extra = bytes(zip, second + CENTRAL, 12);
            assertThat(u2(extra, 0)).isEqualTo(1);
            assertThat(u2(extra, 2)).isEqualTo(8);
            assertThat(extra.getLong(4)).isEqualTo(offset);
        }
    }

    @ParameterizedTest
    @CsvSource({"4294967294, false", "4294967295, true", "4294967296, true"})
    void aCentralDirectoryAtTheLimitBringsTheZip64End(long centralOffset, boolean zip64) {
        ArchiveLayout zip = ArchiveLayout.zip(List.of(stored(centralOffset - LOCAL)));

        assertThat(zip.length()).isEqualTo(centralOffset + CENTRAL + (zip64 ? ZIP64_END : 0) + END);
        assertThat(u4(end(zip), 16)).isEqualTo(Math.min(centralOffset, LIMIT));
        assertThat(u4(end(zip), 12)).isEqualTo(CENTRAL);
        assertThat(u2(end(zip), 10)).isEqualTo(1);
        if (zip64) {
            assertZip64End(zip, 1, CENTRAL, centralOffset);
        }
    }

    /** A central header is 16 bytes longer than the local one: with the longest names only its sum reaches the limit. */
    @Test
    void aCentralDirectoryThatIsItselfTooLargeBringsTheZip64End() {
        int count = 65_534;
        int name = 65_500;
        Entry empty = Entry.stored(EntryName.archived("x".repeat(name)), 0, FAR, 0644);
        ArchiveLayout zip = ArchiveLayout.zip(Collections.nCopies(count, empty));

        long centralOffset = (long) count * (30 + name);
        long centralSize = (long) count * (46 + name);
        assertThat(centralOffset).isLessThan(LIMIT);
        assertThat(zip.length()).isEqualTo(centralOffset + centralSize + ZIP64_END + END);
        assertThat(u2(end(zip), 10)).isEqualTo(count);
        assertThat(u4(end(zip), 12)).isEqualTo(LIMIT);
        assertThat(u4(end(zip), 16)).isEqualTo(centralOffset);
        assertZip64End(zip, count, centralSize, centralOffset);
    }

    @ParameterizedTest
    @CsvSource({"65534, false", "65535, true", "65536, true", "70000, true"})
    void asManyEntriesAsTheCountCannotSayBringTheZip64End(int count, boolean zip64) {
        ArchiveLayout zip = ArchiveLayout.zip(Collections.nCopies(count, stored(0)));

        long centralOffset = (long) count * LOCAL;
        long centralSize = (long) count * CENTRAL;
        assertThat(zip.length()).isEqualTo(centralOffset + centralSize + (zip64 ? ZIP64_END : 0) + END);
        assertThat(u2(end(zip), 8)).isEqualTo(Math.min(count, 0xFFFF));
        assertThat(u2(end(zip), 10)).isEqualTo(Math.min(count, 0xFFFF));
        assertThat(u4(end(zip), 12)).isEqualTo(centralSize);
        assertThat(u4(end(zip), 16)).isEqualTo(centralOffset);
        if (zip64) {
            assertZip64End(zip, count, centralSize, centralOffset);
        }
    }

    @Test
    void theTimestampFollowsZip64InBothHeaders() {
        Entry entry = Entry.stored(EntryName.parse("a"), LIMIT, Sample.MODIFIED, 0644);
        ArchiveLayout zip = ArchiveLayout.zip(List.of(entry));

        ByteBuffer local = bytes(zip, LOCAL + 20, TIMESTAMP);
        ByteBuffer central = bytes(zip, LOCAL + 20 + TIMESTAMP + LIMIT + CENTRAL + 20, TIMESTAMP);
        assertThat(u2(local, 0)).isEqualTo(0x5455);
        assertThat(u4(local, 5)).isEqualTo(Sample.MODIFIED.getEpochSecond());
        assertThat(central).isEqualTo(local);
    }

    private static void assertZip64End(ArchiveLayout zip, long entries, long centralSize, long centralOffset) {
        long recordAt = zip.length() - END - ZIP64_END;
        assertThat(recordAt).isEqualTo(centralOffset + centralSize);
        ByteBuffer record = bytes(zip, recordAt, 56);
        assertThat(u4(record, 0)).isEqualTo(0x06064B50);
        assertThat(record.getLong(4)).isEqualTo(44);
        assertThat(versionNeeded(record, 14)).isEqualTo(45);
        assertThat(record.getLong(24)).isEqualTo(entries);
        assertThat(record.getLong(32)).isEqualTo(entries);
        assertThat(record.getLong(40)).isEqualTo(centralSize);
        assertThat(record.getLong(48)).isEqualTo(centralOffset);
        ByteBuffer locator = bytes(zip, recordAt + 56, 20);
        assertThat(u4(locator, 0)).isEqualTo(0x07064B50);
        assertThat(u4(locator, 4)).isZero();
        assertThat(locator.getLong(8)).isEqualTo(recordAt);
        assertThat(u4(locator, 16)).isEqualTo(1);
    }

    private static Entry stored(long size) {
        return Entry.stored(EntryName.parse("a"), size, FAR, 0644);
    }

    private static ByteBuffer end(ArchiveLayout zip) {
        return bytes(zip, zip.length() - END, END);
    }

    /** Header bytes; fails where a file's content would be needed. */
    private static ByteBuffer bytes(ArchiveLayout layout, long from, int length) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Iterator<Segment> segments = layout.slice(from, from + length).segments();
        while (segments.hasNext()) {
            out.writeBytes(((Segment.Bytes) segments.next()).render(entry -> 0));
        }
        return ByteBuffer.wrap(out.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int versionNeeded(ByteBuffer header, int at) {
        return u2(header, at);
    }

    private static int u2(ByteBuffer header, int at) {
        return header.getShort(at) & 0xFFFF;
    }

    private static long u4(ByteBuffer header, int at) {
        return header.getInt(at) & LIMIT;
    }
}
