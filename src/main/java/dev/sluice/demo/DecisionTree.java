package dev.sluice.demo;

import java.util.Arrays;
import java.util.Map;
import java.util.Random;

/** One tree (CART) over all features. */
final class DecisionTree implements Classifier {
    private static final int DEPTH = 5;
    private static final long SEED = 11;

    private final Tree tree;

    private DecisionTree(Tree tree) {
        this.tree = tree;
    }

    static DecisionTree fit(TabularData data) {
        int[] rows = new int[data.size()];
        Arrays.setAll(rows, row -> row);
        double[] labels = Arrays.stream(data.labels).asDoubleStream().toArray();
        double[] ones = new double[data.size()];
        Arrays.fill(ones, 1);
        return new DecisionTree(
                new TreeGrower(Bins.of(data), DEPTH, data.width(), new Random(SEED)).grow(rows, labels, ones));
    }

    @Override
    public double probability(double[] row) {
        return tree.value(row);
    }

    @Override
    public Map<String, Object> parameters() {
        return Map.of("tree", tree.parameters());
    }
}
