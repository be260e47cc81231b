package dev.sluice.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Progress as it is told. */
class CatalogDownloadTest {
    private static final CatalogEntry ENTRY = new CatalogEntry(
            "m", "M", "m.gguf", List.of("https://h/m"), OptionalLong.of(1_000), Optional.empty(), "", false);

    private static JsonObject told(DownloadStatus status, long bytes, OptionalLong total) {
        Optional<CatalogDownload.KeptFile> file = status == DownloadStatus.COMPLETED
                ? Optional.of(new CatalogDownload.KeptFile("0".repeat(64), bytes, true, Instant.EPOCH))
                : Optional.empty();
        return new CatalogDownload(
                        "m",
                        status,
                        "root",
                        "r",
                        OptionalLong.empty(),
                        1,
                        bytes,
                        total,
                        12.6,
                        Optional.empty(),
                        file,
                        1)
                .toJson(ENTRY);
    }

    @Test
    void thePercentageIsOfWhatTheUpstreamToldElseOfTheCatalogsFigure() {
        assertThat(told(DownloadStatus.DOWNLOADING, 333, OptionalLong.of(2_000)).getDouble("percentage"))
                .isEqualTo(16.6);
        assertThat(told(DownloadStatus.DOWNLOADING, 333, OptionalLong.empty()).getDouble("percentage"))
                .isEqualTo(33.3);
    }

    @Test
    void nothingButACompletedDownloadIsAllOfIt() {
        assertThat(told(DownloadStatus.DOWNLOADING, 1_100, OptionalLong.empty()).getDouble("percentage"))
                .as("a figure that was rounded down")
                .isEqualTo(99.9);
        assertThat(told(DownloadStatus.VERIFYING, 1_000, OptionalLong.of(1_000)).getDouble("percentage"))
                .isEqualTo(99.9);
        assertThat(told(DownloadStatus.COMPLETED, 0, OptionalLong.of(0)).getDouble("percentage"))
                .as("an empty file")
                .isEqualTo(100);
    }

    @Test
    void onlyWhatIsUnderWayHasASpeed() {
        assertThat(told(DownloadStatus.DOWNLOADING, 1, OptionalLong.of(2)).getLong("speed"))
                .isEqualTo(13);
        assertThat(told(DownloadStatus.CANCELLED, 1, OptionalLong.of(2)).getLong("speed"))
                .isZero();
    }
}
