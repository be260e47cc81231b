package dev.sluice.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A language model over characters after Bengio et al. (2003): the embeddings of the last {@code CONTEXT} characters,
 * side by side, two rectified layers and a softmax over the next character.
 */
final class CharacterModel {
    static final int CONTEXT = 16;
    static final int EMBEDDING = 24;
    static final int FIRST_HIDDEN = 320;
    static final int SECOND_HIDDEN = 192;
    private static final int INPUT = CONTEXT * EMBEDDING;

    private final int vocabulary;
    private final int capacity;
    private final Parameter embedding;
    private final Linear first = new Linear("layers.0", INPUT, FIRST_HIDDEN);
    private final Linear second = new Linear("layers.1", FIRST_HIDDEN, SECOND_HIDDEN);
    private final Linear head;
    private final List<Parameter> parameters;

    private final float[] input;
    private final float[] firstOutput;
    private final float[] secondOutput;
    private final float[] logits;
    private final float[] inputGradient;
    private final float[] firstGradient;
    private final float[] secondGradient;

    /** @param capacity the largest batch it will be asked for */
    CharacterModel(int vocabulary, int capacity, Random random) {
        this.vocabulary = vocabulary;
        this.capacity = capacity;
        embedding = new Parameter("embedding.weight", vocabulary, EMBEDDING);
        head = new Linear("head", SECOND_HIDDEN, vocabulary);
        embedding.initialize(random, 1);
        first.initialize(random);
        second.initialize(random);
        // Near-zero logits: the first loss is that of an even guess, ln(vocabulary).
        head.weight.initialize(random, 0.01);

        List<Parameter> all = new ArrayList<>(List.of(embedding));
        List.of(first, second, head).forEach(layer -> all.addAll(layer.parameters()));
        parameters = List.copyOf(all);

        input = new float[capacity * INPUT];
        firstOutput = new float[capacity * FIRST_HIDDEN];
        secondOutput = new float[capacity * SECOND_HIDDEN];
        logits = new float[capacity * vocabulary];
        inputGradient = new float[capacity * INPUT];
        firstGradient = new float[capacity * FIRST_HIDDEN];
        secondGradient = new float[capacity * SECOND_HIDDEN];
    }

    List<Parameter> parameters() {
        return parameters;
    }

    int size() {
        return parameters.stream()
                .mapToInt(parameter -> parameter.values.length)
                .sum();
    }

    /** Mean cross-entropy, in nats, of predicting {@code text[positions]} each from what stands before it. */
    double loss(int[] text, int[] positions) {
        return forward(text, positions, positions.length) / positions.length;
    }

    /** As {@link #loss}, over every character of a text of any length. */
    double loss(int[] text) {
        double sum = 0;
        for (int from = 0; from < text.length; from += capacity) {
            int[] positions = new int[Math.min(capacity, text.length - from)];
            for (int i = 0; i < positions.length; i++) {
                positions[i] = from + i;
            }
            sum += forward(text, positions, positions.length);
        }
        return sum / text.length;
    }

    /** As {@link #loss}, and adds its gradient to the parameters'. */
    double lossAndGradient(int[] text, int[] positions) {
        int rows = positions.length;
        double loss = forward(text, positions, rows) / rows;
        for (int row = 0; row < rows; row++) {
            logits[row * vocabulary + text[positions[row]]] -= 1;
        }
        for (int i = 0; i < rows * vocabulary; i++) {
            logits[i] /= rows;
        }
        head.backward(secondOutput, logits, rows);
        head.backwardToInput(logits, secondGradient, rows);
        silence(secondGradient, secondOutput, rows * SECOND_HIDDEN);
        second.backward(firstOutput, secondGradient, rows);
        second.backwardToInput(secondGradient, firstGradient, rows);
        silence(firstGradient, firstOutput, rows * FIRST_HIDDEN);
        first.backward(input, firstGradient, rows);
        first.backwardToInput(firstGradient, inputGradient, rows);
        backwardToEmbedding(text, positions);
        return loss;
    }

    /** Leaves probabilities in {@code logits}; the sum of the rows' losses. */
    private double forward(int[] text, int[] positions, int rows) {
        for (int row = 0; row < rows; row++) {
            for (int back = 0; back < CONTEXT; back++) {
                int from = CharacterTokenizer.before(text, positions[row], CONTEXT - back) * EMBEDDING;
                System.arraycopy(embedding.values, from, input, row * INPUT + back * EMBEDDING, EMBEDDING);
            }
        }
        first.forward(input, firstOutput, rows);
        rectify(firstOutput, rows * FIRST_HIDDEN);
        second.forward(firstOutput, secondOutput, rows);
        rectify(secondOutput, rows * SECOND_HIDDEN);
        head.forward(secondOutput, logits, rows);
        double sum = 0;
        for (int row = 0; row < rows; row++) {
            sum += softmax(row * vocabulary, text[positions[row]]);
        }
        return sum;
    }

    /** Turns a row of logits into probabilities; the loss of the true token. */
    private double softmax(int from, int truth) {
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < vocabulary; i++) {
            max = Math.max(max, logits[from + i]);
        }
        double sum = 0;
        double truthLogit = logits[from + truth];
        for (int i = 0; i < vocabulary; i++) {
            double power = StrictMath.exp(logits[from + i] - max);
            logits[from + i] = (float) power;
            sum += power;
        }
        for (int i = 0; i < vocabulary; i++) {
            logits[from + i] = (float) (logits[from + i] / sum);
        }
        return StrictMath.log(sum) + max - truthLogit;
    }

    private void backwardToEmbedding(int[] text, int[] positions) {
        for (int row = 0; row < positions.length; row++) {
            for (int back = 0; back < CONTEXT; back++) {
                int to = CharacterTokenizer.before(text, positions[row], CONTEXT - back) * EMBEDDING;
                int from = row * INPUT + back * EMBEDDING;
                for (int i = 0; i < EMBEDDING; i++) {
                    embedding.gradient[to + i] += inputGradient[from + i];
                }
            }
        }
    }

    private static void rectify(float[] values, int count) {
        for (int i = 0; i < count; i++) {
            values[i] = Math.max(values[i], 0);
        }
    }

    private static void silence(float[] gradient, float[] rectified, int count) {
        for (int i = 0; i < count; i++) {
            if (rectified[i] <= 0) {
                gradient[i] = 0;
            }
        }
    }
}
