package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DataSizeTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1, 1",
        "512B, 512",
        "64KiB, 65536",
        "64 KiB, 65536",
        "10kB, 10000",
        "10KB, 10000",
        "10MB, 10000000",
        "5GiB, 5368709120",
        "3GB, 3000000000",
        "2TiB, 2199023255552",
        "1TB, 1000000000000",
        "9223372036854775807, 9223372036854775807"
    })
    void unitsArePowersOf1024WithAnIAndOf1000Without(String text, long bytes) {
        assertThat(DataSize.parse(text)).isEqualTo(new DataSize(bytes));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "KiB", "-1", "1.5GiB", "64k", "64K", "64KIB", "64 Ki B", "1_000", "0x10", "٣KiB"})
    void whatIsAmbiguousOrNoSizeIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> DataSize.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"9223372036854775808", "8388608TiB", "9999999999999999999GiB"})
    void moreThanALongHoldsIsRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DataSize.parse(text))
                .withMessageContaining("more than 9223372036854775807 bytes");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0B",
        "1023, 1023B",
        "1024, 1KiB",
        "1536, 1536B",
        "1000000, 1MB",
        "68719476736, 64GiB",
        "9223372036854775807, 9223372036854775807B"
    })
    void theShortestExactFormReadsBack(long bytes, String text) {
        assertThat(new DataSize(bytes)).hasToString(text);
        assertThat(DataSize.parse(text).bytes()).isEqualTo(bytes);
    }

    @Test
    void noSizeIsNegative() {
        assertThatIllegalArgumentException().isThrownBy(() -> new DataSize(-1));
    }
}
