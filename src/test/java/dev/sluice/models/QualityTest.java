package dev.sluice.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.jobs.Json;
import dev.sluice.jobs.MetricPoint;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QualityTest {
    @ParameterizedTest
    @CsvSource({
        // initial, final, validation, score, convergence
        "1, 0.49, , 5, excellent",
        "1, 0.5, , 4, good",
        "1, 0.4999999, , 5, excellent",
        "1, 0.69, , 4, good",
        "1, 0.7, , 3, fair",
        "1, 0.84, , 3, fair",
        "1, 0.85, , 2, poor",
        "1, 0.94, , 2, poor",
        "1, 0.95, , 1, poor",
        "1, 1, , 1, poor",
        "1, 1.5, , 1, poor",
        "0.3, 0.15, , 4, good",
        "3, 2.1, , 3, fair",
        "2, -1, , 5, excellent",
        "2, 0.9, 1.4, 5, excellent",
        "2, 0.6, 1.1, 5, excellent",
        "2, 0.9, 1.41, 4, overfit",
        "2, 1.1, 1.7, 3, overfit",
        "2, 1.6, 2.2, 2, overfit",
        "2, 1.85, 2.4, 1, overfit",
        "2, 2, 2.6, 1, overfit",
    })
    void theScoreFollowsTheLossAndOverfittingCostsAStar(
            double initial, double last, @Nullable Double validation, int score, String convergence) {
        Quality quality = Quality.of(List.of(point(1, initial, null), point(2, last, validation)));
        assertThat(quality.score()).isEqualTo(score);
        assertThat(quality.convergence().label()).isEqualTo(convergence);
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "-1, -2", "0, 0"})
    void withoutAPositiveBeginningThereIsNoScore(double initial, double last) {
        Quality quality = Quality.of(List.of(point(1, initial, null), point(2, last, last + 9)));
        assertThat(quality.score()).isNull();
        assertThat(quality.convergence()).isEqualTo(Quality.Convergence.UNRATED);
        assertThat(quality.lossReduction()).isNull();
        assertThat(quality.finalLoss()).isEqualTo(last);
    }

    @Test
    void withoutMetricsNothingIsKnown() {
        assertThat(Quality.of(List.of())).isEqualTo(Quality.UNKNOWN);
        assertThat(Quality.UNKNOWN.score()).isNull();
        assertThat(Quality.UNKNOWN.convergence().label()).isEqualTo("unrated");
    }

    @Test
    void onePointIsItsOwnBeginningAndEnd() {
        Quality quality = Quality.of(List.of(point(7, 2, 2.0)));
        assertThat(quality.score()).isEqualTo(1);
        assertThat(quality.lossReduction()).isZero();
        assertThat(quality.initialLoss()).isEqualTo(2);
        assertThat(quality.finalLoss()).isEqualTo(2);
    }

    @Test
    void perplexityIsOfTheLastValidationThatWasMeasured() {
        Quality quality = Quality.of(List.of(point(1, 3, 2.5), point(2, 2, 1.5), point(3, 1, null)));
        assertThat(quality.validationLoss()).isEqualTo(1.5);
        assertThat(quality.perplexity()).isCloseTo(Math.exp(1.5), within(1e-12));
    }

    @Test
    void aPerplexityBeyondAllNumbersIsNone() {
        assertThat(Quality.of(List.of(point(1, 1000, 1000.0))).perplexity()).isNull();
        assertThat(Quality.of(List.of(point(1, 1, null))).perplexity()).isNull();
    }

    @Test
    void aReductionBeyondAllNumbersIsNoneAndYetExcellent() {
        Quality quality = Quality.of(List.of(point(1, 1e-300, null), point(2, -1e300, null)));
        assertThat(quality.lossReduction()).isNull();
        assertThat(quality.score()).isEqualTo(5);
    }

    @Test
    void anOldValidationIsComparedWithTheTrainingOfItsOwnStep() {
        Quality quality = Quality.of(List.of(point(1, 2, 2.1), point(2, 0.5, null)));
        assertThat(quality.convergence()).isEqualTo(Quality.Convergence.EXCELLENT);
    }

    @Test
    void theReductionIsInPercentOfTheBeginning() {
        assertThat(Quality.of(List.of(point(1, 2, null), point(2, 0.9, null))).lossReduction())
                .isEqualTo(55);
        assertThat(Quality.of(List.of(point(1, 1, null), point(2, 1.5, null))).lossReduction())
                .isEqualTo(-50);
    }

    private static MetricPoint point(long step, double train, @Nullable Double validation) {
        return new MetricPoint(step, null, train, validation, null, Json.object());
    }
}
