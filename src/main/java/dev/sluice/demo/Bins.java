package dev.sluice.demo;

import java.util.Arrays;

/** Features cut at their quantiles, so that a tree looks for its splits among a few thresholds instead of all values. */
final class Bins {
    private static final int CUTS = 31;

    private final double[][] cuts;
    private final int[][] bins;

    private Bins(double[][] cuts, int[][] bins) {
        this.cuts = cuts;
        this.bins = bins;
    }

    static Bins of(TabularData data) {
        double[][] cuts = new double[data.width()][];
        int[][] bins = new int[data.width()][data.size()];
        for (int feature = 0; feature < data.width(); feature++) {
            double[] values = data.column(feature);
            cuts[feature] = quantiles(values);
            for (int row = 0; row < values.length; row++) {
                int place = Arrays.binarySearch(cuts[feature], values[row]);
                bins[feature][row] = place >= 0 ? place : -place - 1;
            }
        }
        return new Bins(cuts, bins);
    }

    int features() {
        return cuts.length;
    }

    int count(int feature) {
        return cuts[feature].length + 1;
    }

    /** The bin of a row's feature: it is at most {@code b} exactly when the value is at most {@code threshold(b)}. */
    int bin(int feature, int row) {
        return bins[feature][row];
    }

    double threshold(int feature, int bin) {
        return cuts[feature][bin];
    }

    private static double[] quantiles(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double[] quantiles = new double[CUTS];
        for (int i = 0; i < CUTS; i++) {
            quantiles[i] = sorted[(i + 1) * (sorted.length - 1) / (CUTS + 1)];
        }
        return Arrays.stream(quantiles).distinct().toArray();
    }
}
