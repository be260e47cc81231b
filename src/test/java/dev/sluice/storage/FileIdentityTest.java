package dev.sluice.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileIdentityTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00.5Z");

    private static FileIdentity changed(Duration ago) {
        Instant at = NOW.minus(ago);
        return new FileIdentity(1, 0, at.getEpochSecond() * 1_000_000_000 + at.getNano(), 7);
    }

    @ParameterizedTest
    @CsvSource({
        "PT0S,true",
        "PT1.999S,true",
        "PT2.001S,false",
        "PT1H,false",
        "PT-59S,true",
        "PT-61S,false",
        "PT-24H,false"
    })
    void theLastChangeIsNearUnlessItIsSecondsBehindOrFarAhead(Duration ago, boolean young) {
        assertThat(changed(ago).isYoung(NOW)).isEqualTo(young);
    }

    @Test
    void theTimeThatAProgramMaySetSaysNothing() {
        FileIdentity dated = new FileIdentity(
                1, Long.MAX_VALUE, changed(Duration.ofMinutes(1)).changedNanos(), 7);
        assertThat(dated.isYoung(NOW)).isFalse();
    }
}
