package dev.sluice.demo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A sum of small trees in log-odds, each grown to the logistic loss that the ones before it left. */
final class GradientBoosting implements Classifier {
    private static final int ROUNDS = 90;
    private static final int DEPTH = 3;
    private static final double RATE = 0.1;
    private static final long SEED = 17;

    private final double base;
    private final List<Tree> trees = new ArrayList<>();

    private GradientBoosting(double base) {
        this.base = base;
    }

    static GradientBoosting fit(TabularData data) {
        int[] rows = new int[data.size()];
        Arrays.setAll(rows, row -> row);
        double share = (double) Arrays.stream(data.labels).sum() / data.size();
        GradientBoosting model = new GradientBoosting(StrictMath.log(share / (1 - share)));
        TreeGrower grower = new TreeGrower(Bins.of(data), DEPTH, data.width(), new Random(SEED));
        double[] logOdds = new double[data.size()];
        Arrays.fill(logOdds, model.base);
        double[] gradients = new double[data.size()];
        double[] hessians = new double[data.size()];
        for (int round = 0; round < ROUNDS; round++) {
            for (int row : rows) {
                double probability = LogisticRegression.sigmoid(logOdds[row]);
                gradients[row] = data.labels[row] - probability;
                hessians[row] = probability * (1 - probability);
            }
            Tree tree = grower.grow(rows, gradients, hessians);
            model.trees.add(tree);
            for (int row : rows) {
                logOdds[row] += RATE * tree.value(data.rows[row]);
            }
        }
        return model;
    }

    @Override
    public double probability(double[] row) {
        double logOdds = base;
        for (Tree tree : trees) {
            logOdds += RATE * tree.value(row);
        }
        return LogisticRegression.sigmoid(logOdds);
    }

    @Override
    public Map<String, Object> parameters() {
        return Map.of(
                "base",
                base,
                "learning_rate",
                RATE,
                "trees",
                trees.stream().map(Tree::parameters).toList());
    }
}
