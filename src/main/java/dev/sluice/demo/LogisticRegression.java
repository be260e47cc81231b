package dev.sluice.demo;

import java.util.Map;

/** A linear model of the log-odds, fitted by gradient descent on the whole of the standardized data. */
final class LogisticRegression implements Classifier {
    private static final int ITERATIONS = 400;
    private static final double RATE = 0.5;
    private static final double L2 = 1e-3;

    private final Standardization standardization;
    private final double[] weights;
    private double intercept;

    private LogisticRegression(Standardization standardization, int width) {
        this.standardization = standardization;
        weights = new double[width];
    }

    static LogisticRegression fit(TabularData data) {
        Standardization standardization = Standardization.of(data);
        LogisticRegression model = new LogisticRegression(standardization, data.width());
        double[][] rows = standardization.apply(data.rows);
        for (int i = 0; i < ITERATIONS; i++) {
            model.descend(rows, data.labels);
        }
        return model;
    }

    private void descend(double[][] rows, int[] labels) {
        double[] gradient = new double[weights.length];
        double interceptGradient = 0;
        for (int i = 0; i < rows.length; i++) {
            double error = sigmoid(logOdds(rows[i])) - labels[i];
            interceptGradient += error;
            for (int feature = 0; feature < weights.length; feature++) {
                gradient[feature] += error * rows[i][feature];
            }
        }
        intercept -= RATE * interceptGradient / rows.length;
        for (int feature = 0; feature < weights.length; feature++) {
            weights[feature] -= RATE * (gradient[feature] / rows.length + L2 * weights[feature]);
        }
    }

    private double logOdds(double[] standardized) {
        double sum = intercept;
        for (int feature = 0; feature < weights.length; feature++) {
            sum += weights[feature] * standardized[feature];
        }
        return sum;
    }

    static double sigmoid(double logOdds) {
        return 1 / (1 + StrictMath.exp(-logOdds));
    }

    @Override
    public double probability(double[] row) {
        return sigmoid(logOdds(standardization.apply(row)));
    }

    @Override
    public Map<String, Object> parameters() {
        return Map.of("standardization", standardization.parameters(), "weights", weights, "intercept", intercept);
    }
}
