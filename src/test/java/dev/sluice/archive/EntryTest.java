package dev.sluice.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.archive.Entry.Encoding;
import dev.sluice.archive.Entry.Kind;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EntryTest {
    private static final EntryName NAME = EntryName.parse("a");

    @ParameterizedTest
    @CsvSource({
        "FILE, STORED, 1, 2, 420",
        "FILE, STORED, -1, -1, 420",
        "FILE, DEFLATED, 1, -1, 420",
        "FILE, DEFLATED, 0, 0, 420",
        "DIRECTORY, STORED, 1, 1, 420",
        "DIRECTORY, DEFLATED, 0, 2, 420",
        "FILE, STORED, 1, 1, -1",
        "FILE, STORED, 1, 1, 33188",
    })
    void contradictionsAreRefused(Kind kind, Encoding encoding, long size, long storedSize, int mode) {
        assertThatThrownBy(() -> new Entry(NAME, kind, encoding, size, storedSize, Sample.MODIFIED, mode))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "1901-12-13T20:45:51Z, 1980-01-01T00:00:00, false",
        "1901-12-13T20:45:52Z, 1980-01-01T00:00:00, true",
        "1979-12-31T23:59:59Z, 1980-01-01T00:00:00, true",
        "1980-01-01T00:00:03.999Z, 1980-01-01T00:00:02, true",
        "2024-02-29T23:59:59Z, 2024-02-29T23:59:58, true",
        "2038-01-19T03:14:07Z, 2038-01-19T03:14:06, true",
        "2038-01-19T03:14:08Z, 2038-01-19T03:14:08, false",
        "2107-12-31T23:59:59Z, 2107-12-31T23:59:58, false",
        "2108-01-01T00:00:00Z, 2107-12-31T23:59:58, false",
        "+1000000000-12-31T23:59:59.999999999Z, 2107-12-31T23:59:58, false",
        "-1000000000-01-01T00:00:00Z, 1980-01-01T00:00:00, false",
    })
    void timesBeyondAFieldAreClampedOrLeftOut(Instant modified, LocalDateTime dosTime, boolean extended) {
        Sample sample = new Sample().add(Entry.stored(NAME, 0, modified, 0644), new byte[0], new byte[0]);
        byte[] zip = sample.bytes(sample.zip());

        assertThat(dosTime(zip, 10)).isEqualTo(dosTime);
        int local = 30 + 1 + (extended ? 9 : 0);
        assertThat(zip).hasSize(local + 46 + 1 + (extended ? 9 : 0) + 22);
        assertThat(dosTime(zip, local + 12)).isEqualTo(dosTime);
        if (extended) {
            assertThat(u2(zip, 36) | u2(zip, 38) << 16).isEqualTo((int) modified.getEpochSecond());
        }
    }

    @Test
    void allPermissionBitsReachTheCentralDirectory() {
        for (int mode : List.of(0, 0644, 0755, 04755, 07777)) {
            Sample sample = new Sample().add(Entry.stored(NAME, 0, Sample.MODIFIED, mode), new byte[0], new byte[0]);
            byte[] zip = sample.bytes(sample.zip());
            assertThat(u2(zip, 40 + 40)).isEqualTo(0100000 | mode);
        }
    }

    private static LocalDateTime dosTime(byte[] zip, int at) {
        int time = u2(zip, at);
        int date = u2(zip, at + 2);
        return LocalDateTime.of(
                1980 + (date >> 9), (date >> 5) & 0xF, date & 0x1F, time >> 11, (time >> 5) & 0x3F, (time & 0x1F) * 2);
    }

    private static int u2(byte[] zip, int at) {
        return (zip[at] & 0xFF) | (zip[at + 1] & 0xFF) << 8;
    }
}
