package dev.sluice.demo;

import java.util.Map;

/** Bayes' rule with features taken as independent and normally distributed within each class. */
final class GaussianNaiveBayes implements Classifier {
    private static final int CLASSES = 2;
    /** Keeps a constant feature from dividing by zero. */
    private static final double VARIANCE_FLOOR = 1e-9;

    private final double[] priors = new double[CLASSES];
    private final double[][] means;
    private final double[][] variances;

    private GaussianNaiveBayes(int width) {
        means = new double[CLASSES][width];
        variances = new double[CLASSES][width];
    }

    static GaussianNaiveBayes fit(TabularData data) {
        GaussianNaiveBayes model = new GaussianNaiveBayes(data.width());
        int[] counts = new int[CLASSES];
        for (int i = 0; i < data.size(); i++) {
            counts[data.labels[i]]++;
            for (int feature = 0; feature < data.width(); feature++) {
                model.means[data.labels[i]][feature] += data.rows[i][feature];
            }
        }
        for (int label = 0; label < CLASSES; label++) {
            model.priors[label] = (double) counts[label] / data.size();
            for (int feature = 0; feature < data.width(); feature++) {
                model.means[label][feature] /= counts[label];
            }
        }
        for (int i = 0; i < data.size(); i++) {
            int label = data.labels[i];
            for (int feature = 0; feature < data.width(); feature++) {
                double difference = data.rows[i][feature] - model.means[label][feature];
                model.variances[label][feature] += difference * difference / counts[label];
            }
        }
        return model;
    }

    @Override
    public double probability(double[] row) {
        return LogisticRegression.sigmoid(logLikelihood(1, row) - logLikelihood(0, row));
    }

    private double logLikelihood(int label, double[] row) {
        double sum = StrictMath.log(priors[label]);
        for (int feature = 0; feature < row.length; feature++) {
            double variance = variances[label][feature] + VARIANCE_FLOOR;
            double difference = row[feature] - means[label][feature];
            sum -= 0.5 * (StrictMath.log(2 * Math.PI * variance) + difference * difference / variance);
        }
        return sum;
    }

    @Override
    public Map<String, Object> parameters() {
        return Map.of("priors", priors, "means", means, "variances", variances, "variance_floor", VARIANCE_FLOOR);
    }
}
