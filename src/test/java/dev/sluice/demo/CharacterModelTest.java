package dev.sluice.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class CharacterModelTest {
    private static final int VOCABULARY = 9;
    private static final int[] TEXT = new Random(3).ints(60, 1, VOCABULARY).toArray();
    private static final int[] POSITIONS = {0, 5, 17, 18, 40, 59};

    @Test
    void gradientsAreTheSlopesOfTheLoss() {
        CharacterModel model = new CharacterModel(VOCABULARY, POSITIONS.length, new Random(1));
        AdamW optimizer = new AdamW(model.parameters());
        for (int step = 0; step < 5; step++) {
            model.lossAndGradient(TEXT, POSITIONS);
            optimizer.step(1e-3);
        }

        model.lossAndGradient(TEXT, POSITIONS);

        for (Parameter parameter : model.parameters()) {
            int steepest = steepest(parameter.gradient);
            double slope = slope(model, parameter, steepest);
            assertThat((double) parameter.gradient[steepest])
                    .as(parameter.name)
                    .isCloseTo(slope, within(0.03 * Math.abs(slope)));
        }
    }

    @Test
    void anUntrainedModelIsAsSurprisedAsAnEvenGuess() {
        CharacterModel model = new CharacterModel(VOCABULARY, TEXT.length, new Random(1));

        assertThat(model.loss(TEXT)).isCloseTo(Math.log(VOCABULARY), within(0.1));
    }

    @Test
    void theLossOfATextDoesNotDependOnHowItIsBatched() {
        double inOneBatch = new CharacterModel(VOCABULARY, TEXT.length, new Random(1)).loss(TEXT);
        double inSevens = new CharacterModel(VOCABULARY, 7, new Random(1)).loss(TEXT);

        assertThat(inSevens).isCloseTo(inOneBatch, within(1e-12));
    }

    @Test
    void batchesDrawEachPositionOnceAnEpoch() {
        Batches batches = new Batches(10, new Random(1));

        assertThat(batches.next(10)).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(batches.next(15)).hasSize(15).contains(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(batches.epoch()).isEqualTo(2.5);
    }

    private static int steepest(float[] gradient) {
        int steepest = 0;
        for (int i = 0; i < gradient.length; i++) {
            if (Math.abs(gradient[i]) > Math.abs(gradient[steepest])) {
                steepest = i;
            }
        }
        return steepest;
    }

    private static double slope(CharacterModel model, Parameter parameter, int at) {
        float width = 2e-3f;
        float value = parameter.values[at];
        parameter.values[at] = value + width;
        double above = model.loss(TEXT, POSITIONS);
        parameter.values[at] = value - width;
        double below = model.loss(TEXT, POSITIONS);
        parameter.values[at] = value;
        return (above - below) / (2 * width);
    }
}
