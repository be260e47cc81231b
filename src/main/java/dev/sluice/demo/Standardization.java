package dev.sluice.demo;

import java.util.Arrays;
import java.util.Map;

/** Shifts and scales each feature to mean 0 and variance 1 over the rows it was made from. */
final class Standardization {
    private final double[] means;
    private final double[] deviations;

    private Standardization(double[] means, double[] deviations) {
        this.means = means;
        this.deviations = deviations;
    }

    static Standardization of(TabularData data) {
        double[] means = new double[data.width()];
        double[] deviations = new double[data.width()];
        for (int feature = 0; feature < data.width(); feature++) {
            double[] column = data.column(feature);
            double mean = Arrays.stream(column).sum() / column.length;
            means[feature] = mean;
            deviations[feature] = Math.sqrt(Arrays.stream(column)
                            .map(value -> (value - mean) * (value - mean))
                            .sum()
                    / column.length);
        }
        return new Standardization(means, deviations);
    }

    double[] apply(double[] row) {
        double[] scaled = new double[row.length];
        for (int feature = 0; feature < row.length; feature++) {
            scaled[feature] = (row[feature] - means[feature]) / deviations[feature];
        }
        return scaled;
    }

    double[][] apply(double[][] rows) {
        return Arrays.stream(rows).map(this::apply).toArray(double[][]::new);
    }

    Map<String, Object> parameters() {
        return Map.of("means", means, "deviations", deviations);
    }
}
