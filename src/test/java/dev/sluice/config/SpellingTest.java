package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpellingTest {
    private static final List<String> KNOWN = List.of("delivery.max-streams", "http.host", "http.port", "storage");

    @ParameterizedTest
    @CsvSource({
        "http.prot, http.port",
        "htp.host, http.host",
        "delivery.maxStreams, delivery.max-streams",
        "delivery.max_streams, delivery.max-streams",
        "delivrey.max-stream, delivery.max-streams",
        "Storage, storage"
    })
    void theNearestNameIsSuggested(String written, String meant) {
        assertThat(Spelling.unknown(written, new TreeSet<>(KNOWN)))
                .isEqualTo("is unknown; did you mean " + meant + "?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"colour", "x", "database.pool-size"})
    void nothingIsSuggestedForWhatIsFarFromAll(String written) {
        assertThat(Spelling.unknown(written, new TreeSet<>(KNOWN))).isEqualTo("is unknown");
    }

    @ParameterizedTest
    @CsvSource({"'', abc, 3", "abc, '', 3", "kitten, sitting, 3", "prot, port, 1", "same, same, 0"})
    void swappedNeighboursCountOnce(String a, String b, int distance) {
        assertThat(Spelling.distance(a, b)).isEqualTo(distance);
    }
}
