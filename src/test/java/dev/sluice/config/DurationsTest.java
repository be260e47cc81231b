package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
    @ParameterizedTest
    @CsvSource({"500ms, 500", "3s, 3000", "10m, 600000", "1h, 3600000", "2d, 172800000", "0s, 0", "5 m, 300000"})
    void oneNumberAndOneUnitMakeADuration(String text, long millis) {
        assertThat(Durations.parse(text)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "60", "s", "-3s", "1.5h", "1h30m", "3S", "3sec", "PT3S", "1w"})
    void aNumberWithoutAKnownUnitIsRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Durations.parse(text))
                .withMessageContaining("500ms, 3s");
    }

    @ParameterizedTest
    @ValueSource(strings = {"999999999999999999d", "9999999999999999999s"})
    void whatOverflowsIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Durations.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0s", "1ms", "1500ms", "90s", "5m", "36h", "2d"})
    void thePrintedFormReadsBack(String text) {
        assertThat(Durations.print(Durations.parse(text))).isEqualTo(text);
    }
}
