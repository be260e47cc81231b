package dev.sluice.demo;

import java.util.Arrays;
import java.util.List;

/** Rows of numbers, each with a class, 0 or 1. */
final class TabularData {
    final List<String> features;
    final double[][] rows;
    final int[] labels;

    TabularData(List<String> features, double[][] rows, int[] labels) {
        this.features = features;
        this.rows = rows;
        this.labels = labels;
    }

    int size() {
        return rows.length;
    }

    int width() {
        return features.size();
    }

    TabularData range(int from, int to) {
        return new TabularData(features, Arrays.copyOfRange(rows, from, to), Arrays.copyOfRange(labels, from, to));
    }

    double[] column(int feature) {
        return Arrays.stream(rows).mapToDouble(row -> row[feature]).toArray();
    }
}
