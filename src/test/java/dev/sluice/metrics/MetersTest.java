package dev.sluice.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.archive.ExternalTool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    /** Each meter once, with the names, units and help that Prometheus' own checker asks for. */
    @Test
    void promtoolFindsNothingToSay(@TempDir Path directory) throws Exception {
        meters.downloadEnded("model", Outcome.COMPLETED);
        meters.downloadBytes("model", 1);
        meters.firstByte(Duration.ofMillis(3));
        meters.downloadTook(SizeClass.LARGE, Duration.ofMinutes(3));
        meters.uploadEnded(Outcome.STALLED);
        meters.refused("stream", "owner");
        meters.activeWork("read", () -> 1);
        meters.queuedWork("read", () -> 1);
        meters.responded("download", 206);
        meters.storeAsked("get", "ok", Duration.ofMillis(1));
        meters.storeAskedAgain("get");
        meters.databaseWait(Duration.ofMillis(1));
        meters.ready(() -> 1);
        meters.eventLoopLag(Duration.ofMillis(1));
        meters.poolLag("files", Duration.ofMillis(1));
        meters.activeTransfers(() -> 1);
        meters.activeStreams(() -> 1);
        meters.queuedDownloads(() -> 1);
        meters.recordsLost("audit", 1);
        meters.recordsWaiting("audit", () -> 1);
        Path exposed = Files.writeString(directory.resolve("metrics"), meters.scrape());
        ExternalTool promtool = new ExternalTool("promtool");
        promtool.run(directory, "--version").succeeded();
        ExternalTool.Run checked =
                new ExternalTool("sh").run(directory, "-c", "promtool check metrics < '" + exposed + "'");
        assertThat(checked.succeeded().output()).isEmpty();
    }
}
