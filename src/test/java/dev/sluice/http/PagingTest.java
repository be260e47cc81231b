package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PagingTest {
    @Test
    void aQueryThatAsksForNothingGetsTheFirstTwenty() {
        assertThat(Paging.from(query(""))).isEqualTo(new Paging(1, 20));
        assertThat(Paging.from(query(""), (name, detail) -> {})).isEqualTo(new Paging(1, 20));
    }

    @ParameterizedTest
    @CsvSource({"page=1&limit=1, 1, 1", "limit=100&page=7, 7, 100", "page=2147483647, 2147483647, 20"})
    void aQueryGetsThePageThatItAsksFor(String query, int page, int limit) {
        assertThat(Paging.from(query(query))).isEqualTo(new Paging(page, limit));
    }

    @Test
    void aListMayHaveAnotherUsualLength() {
        assertThat(Paging.from(query("page=3"), 12, (name, detail) -> {})).isEqualTo(new Paging(3, 12));
        assertThat(Paging.from(query("limit=5"), 12, (name, detail) -> {})).isEqualTo(new Paging(1, 5));
    }

    @ParameterizedTest
    @ValueSource(strings = {"limit=0", "limit=101", "limit=-1", "limit=", "limit=ten", "limit=2.0", "limit=1&limit=2"})
    void aLimitOutsideOneToAHundredIsRefused(String query) {
        assertThatExceptionOfType(ProblemException.class)
                .isThrownBy(() -> Paging.from(query(query)))
                .satisfies(refusal -> {
                    String fault = "must be one whole number from 1 to 100";
                    assertThat(refusal.problem())
                            .isEqualTo(Problem.badRequest("The query is not valid: limit " + fault)
                                    .with("errors", List.of(Map.of("pointer", "limit", "detail", fault))));
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"page=0", "page=-1", "page=2147483648", "page=x", "page=1&page=1"})
    void aPageThatNoListHasIsRefused(String query) {
        assertThatExceptionOfType(ProblemException.class)
                .isThrownBy(() -> Paging.from(query(query)))
                .withMessage("The query is not valid: page must be one whole number from 1 to 2147483647");
    }

    @Test
    void everyFaultOfAQueryIsToldAndDefaultsStandIn() {
        List<String> faults = new ArrayList<>();

        assertThat(Paging.from(query("page=0&limit=101"), (name, detail) -> faults.add(name)))
                .isEqualTo(new Paging(1, 20));
        assertThat(faults).containsExactly("page", "limit");
    }

    @Test
    void pagesFollowOneAnotherWithoutGapOrOverlap() {
        assertThat(new Paging(1, 20).offset()).isZero();
        assertThat(new Paging(2, 20).offset()).isEqualTo(20);
        assertThat(new Paging(Integer.MAX_VALUE, 100).offset()).isEqualTo(214_748_364_600L);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "12, 1", "13, 2", "24, 2", "25, 3"})
    void theLastPageMayBeShort(long total, long totalPages) {
        assertThat(new Paging(2, 12).describe(total))
                .containsExactly(
                        Map.entry("page", 2),
                        Map.entry("limit", 12),
                        Map.entry("total", total),
                        Map.entry("totalPages", totalPages));
    }

    /** All values of a parameter, of a query without percent-encoding. */
    private static Function<String, List<String>> query(String query) {
        return name -> Arrays.stream(query.split("&", -1))
                .filter(pair -> pair.startsWith(name + "="))
                .map(pair -> pair.substring(name.length() + 1))
                .toList();
    }
}
