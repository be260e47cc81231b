package dev.sluice.demo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The mean of trees, each grown from a bootstrap sample and with a few random features at each split. */
final class RandomForest implements Classifier {
    private static final int TREES = 60;
    private static final int DEPTH = 9;
    private static final int FEATURES_PER_SPLIT = 3;
    private static final long SEED = 13;

    private final List<Tree> trees = new ArrayList<>();

    private RandomForest() {}

    static RandomForest fit(TabularData data) {
        Random random = new Random(SEED);
        TreeGrower grower = new TreeGrower(Bins.of(data), DEPTH, FEATURES_PER_SPLIT, random);
        double[] labels = Arrays.stream(data.labels).asDoubleStream().toArray();
        double[] ones = new double[data.size()];
        Arrays.fill(ones, 1);
        RandomForest forest = new RandomForest();
        for (int i = 0; i < TREES; i++) {
            int[] sample = new int[data.size()];
            Arrays.setAll(sample, row -> random.nextInt(data.size()));
            forest.trees.add(grower.grow(sample, labels, ones));
        }
        return forest;
    }

    @Override
    public double probability(double[] row) {
        double sum = 0;
        for (Tree tree : trees) {
            sum += tree.value(row);
        }
        return sum / trees.size();
    }

    @Override
    public Map<String, Object> parameters() {
        return Map.of("trees", trees.stream().map(Tree::parameters).toList());
    }
}
