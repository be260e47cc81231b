package dev.sluice.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetersTest {
    private final Meters meters = new Meters();

    @AfterEach
    void close() {
        meters.close();
    }

    @Test
    void downloadsAreCountedByKindAndOutcome() {
        meters.downloadEnded("model", Outcome.COMPLETED);
        meters.downloadEnded("model", Outcome.COMPLETED);
        meters.downloadEnded("logs", Outcome.CLIENT_LEFT);
        meters.downloadBytes("model", 1_000);
        meters.downloadTook(SizeClass.SMALL, Duration.ofMillis(20));
        assertThat(meters.scrape())
                .contains("sluice_downloads_total{kind=\"model\",outcome=\"completed\"} 2.0")
                .contains("sluice_downloads_total{kind=\"logs\",outcome=\"client_left\"} 1.0")
                .contains("sluice_download_bytes_total{kind=\"model\"} 1000.0")
                .contains("sluice_download_duration_seconds_bucket{size=\"small\",le=\"0.1\"} 1");
    }

    @Test
    void theSuccessRatioLeavesOutThoseWhoLeft() {
        assertThat(meters.scrape()).contains("sluice_downloads_success_ratio 1.0");
        meters.downloadEnded("model", Outcome.CLIENT_LEFT);
        meters.downloadEnded("model", Outcome.STALLED);
        for (int i = 0; i < 3; i++) {
            meters.downloadEnded("logs", Outcome.COMPLETED);
        }
        assertThat(meters.scrape()).contains("sluice_downloads_success_ratio 0.75");
    }

    @Test
    void sizeClassesEndWhereTheContractSays() {
        assertThat(Arrays.stream(new long[] {0, 99_999_999, 100_000_000, 1_000_000_000, 1_000_000_001})
                        .mapToObj(SizeClass::of))
                .containsExactly(SizeClass.SMALL, SizeClass.SMALL, SizeClass.MEDIUM, SizeClass.MEDIUM, SizeClass.LARGE);
    }
}
