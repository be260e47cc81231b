package dev.sluice.demo;

import java.util.Arrays;
import java.util.Map;

/** The share of class 1 among the nearest rows it was given, by Euclidean distance of standardized features. */
final class NearestNeighbours implements Classifier {
    private static final int NEIGHBOURS = 25;

    private final Standardization standardization;
    private final double[][] rows;
    private final int[] labels;

    private NearestNeighbours(Standardization standardization, double[][] rows, int[] labels) {
        this.standardization = standardization;
        this.rows = rows;
        this.labels = labels;
    }

    static NearestNeighbours fit(TabularData data) {
        Standardization standardization = Standardization.of(data);
        return new NearestNeighbours(standardization, standardization.apply(data.rows), data.labels);
    }

    @Override
    public double probability(double[] row) {
        double[] standardized = standardization.apply(row);
        double[] nearest = new double[NEIGHBOURS];
        int[] nearestLabels = new int[NEIGHBOURS];
        Arrays.fill(nearest, Double.POSITIVE_INFINITY);
        for (int i = 0; i < rows.length; i++) {
            double distance = squaredDistance(standardized, rows[i]);
            int place = NEIGHBOURS;
            // Strictly nearer only: of two rows as near as each other the first counts.
            while (place > 0 && distance < nearest[place - 1]) {
                place--;
            }
            if (place < NEIGHBOURS) {
                System.arraycopy(nearest, place, nearest, place + 1, NEIGHBOURS - place - 1);
                System.arraycopy(nearestLabels, place, nearestLabels, place + 1, NEIGHBOURS - place - 1);
                nearest[place] = distance;
                nearestLabels[place] = labels[i];
            }
        }
        return (double) Arrays.stream(nearestLabels).sum() / NEIGHBOURS;
    }

    private static double squaredDistance(double[] one, double[] other) {
        double sum = 0;
        for (int feature = 0; feature < one.length; feature++) {
            double difference = one[feature] - other[feature];
            sum += difference * difference;
        }
        return sum;
    }

    @Override
    public Map<String, Object> parameters() {
        return Map.of(
                "standardization",
                standardization.parameters(),
                "neighbours",
                NEIGHBOURS,
                "rows",
                rows,
                "labels",
                labels);
    }
}
