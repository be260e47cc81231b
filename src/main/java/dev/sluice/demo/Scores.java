package dev.sluice.demo;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * How well a two-class model does on rows it was not fitted to, class 1 being the one looked for.
 *
 * @param rocAuc the chance that a row of class 1 is given a higher probability than one of class 0, ties by half
 */
record Scores(double accuracy, double precision, double recall, double f1, double rocAuc) {
    private static final double THRESHOLD = 0.5;

    static Scores of(Classifier model, TabularData data) {
        double[] probabilities =
                Arrays.stream(data.rows).mapToDouble(model::probability).toArray();
        return of(probabilities, data.labels);
    }

    static Scores of(double[] probabilities, int[] labels) {
        int truePositives = 0;
        int predicted = 0;
        int correct = 0;
        for (int i = 0; i < labels.length; i++) {
            int prediction = probabilities[i] >= THRESHOLD ? 1 : 0;
            predicted += prediction;
            truePositives += prediction * labels[i];
            correct += prediction == labels[i] ? 1 : 0;
        }
        int actual = Arrays.stream(labels).sum();
        double precision = predicted == 0 ? 0 : (double) truePositives / predicted;
        double recall = actual == 0 ? 0 : (double) truePositives / actual;
        double f1 = truePositives == 0 ? 0 : 2 * precision * recall / (precision + recall);
        return new Scores((double) correct / labels.length, precision, recall, f1, rocAuc(probabilities, labels));
    }

    /** Mann-Whitney's U over the number of pairs, from mean ranks. */
    private static double rocAuc(double[] probabilities, int[] labels) {
        int[] order = IntStream.range(0, labels.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> probabilities[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        double rankSum = 0;
        long positives = 0;
        for (int from = 0; from < order.length; ) {
            int to = from;
            int tiedPositives = 0;
            while (to < order.length && probabilities[order[to]] == probabilities[order[from]]) {
                tiedPositives += labels[order[to]];
                to++;
            }
            rankSum += tiedPositives * (from + 1 + to) / 2.0;
            positives += tiedPositives;
            from = to;
        }
        long negatives = labels.length - positives;
        return (rankSum - positives * (positives + 1) / 2.0) / (positives * negatives);
    }
}
