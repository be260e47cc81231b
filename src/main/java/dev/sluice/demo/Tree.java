package dev.sluice.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A grown binary tree: at an inner node, rows whose feature is at most the threshold go left. */
final class Tree {
    private static final int NONE = -1;

    private final List<Integer> features = new ArrayList<>();
    private final List<Double> thresholds = new ArrayList<>();
    private final List<Integer> left = new ArrayList<>();
    private final List<Integer> right = new ArrayList<>();
    private final List<Double> values = new ArrayList<>();

    /** The new node's number, from 0, the root. */
    int addLeaf(double value) {
        features.add(NONE);
        thresholds.add(0.0);
        left.add(NONE);
        right.add(NONE);
        values.add(value);
        return values.size() - 1;
    }

    void split(int node, int feature, double threshold, int leftChild, int rightChild) {
        features.set(node, feature);
        thresholds.set(node, threshold);
        left.set(node, leftChild);
        right.set(node, rightChild);
    }

    double value(double[] row) {
        int node = 0;
        while (features.get(node) != NONE) {
            node = row[features.get(node)] <= thresholds.get(node) ? left.get(node) : right.get(node);
        }
        return values.get(node);
    }

    /** Node by node; {@code feature} is -1 at a leaf. */
    Map<String, Object> parameters() {
        return Map.of("feature", features, "threshold", thresholds, "left", left, "right", right, "value", values);
    }
}
