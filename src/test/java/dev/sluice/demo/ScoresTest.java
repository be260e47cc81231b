package dev.sluice.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ScoresTest {
    @Test
    void figuresOfAHandCountedExample() {
        double[] probabilities = {0.9, 0.8, 0.6, 0.5, 0.4, 0.4, 0.1, 0.2};
        int[] labels = {1, 0, 1, 1, 1, 0, 0, 0};

        Scores scores = Scores.of(probabilities, labels);

        assertThat(scores.accuracy()).isEqualTo(6 / 8.0);
        assertThat(scores.precision()).isEqualTo(3 / 4.0);
        assertThat(scores.recall()).isEqualTo(3 / 4.0);
        assertThat(scores.f1()).isEqualTo(3 / 4.0);
        // 16 pairs; 0.8 of class 0 beats three of class 1, and the two 0.4 tie.
        assertThat(scores.rocAuc()).isCloseTo((16 - 3 - 0.5) / 16, within(1e-12));
    }

    @Test
    void aModelThatNeverSaysYesHasNoPrecision() {
        Scores scores = Scores.of(new double[] {0.1, 0.1, 0.1}, new int[] {0, 1, 0});

        assertThat(scores.precision()).isZero();
        assertThat(scores.recall()).isZero();
        assertThat(scores.f1()).isZero();
        assertThat(scores.rocAuc()).isEqualTo(0.5);
    }
}
