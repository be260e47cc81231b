package dev.sluice.demo;

import java.util.Arrays;
import java.util.Random;

/**
 * Grows trees that lessen the squared error of {@code gradient / hessian} most at each split (Chen and Guestrin,
 * 2016). With labels as gradients and ones as hessians that is CART: least Gini impurity, leaves as shares of class 1.
 */
final class TreeGrower {
    private static final int MINIMUM_LEAF = 8;
    private static final double MINIMUM_GAIN = 1e-9;

    private final Bins bins;
    private final int depth;
    private final int featuresPerSplit;
    private final Random random;
    private double[] gradients = {};
    private double[] hessians = {};

    private record Split(int feature, int bin, double gain) {}

    TreeGrower(Bins bins, int depth, int featuresPerSplit, Random random) {
        this.bins = bins;
        this.depth = depth;
        this.featuresPerSplit = featuresPerSplit;
        this.random = random;
    }

    /** @param rows numbers of the rows to grow from; a row that stands there twice counts twice */
    Tree grow(int[] rows, double[] rowGradients, double[] rowHessians) {
        gradients = rowGradients;
        hessians = rowHessians;
        Tree tree = new Tree();
        grow(tree, rows, depth);
        return tree;
    }

    private int grow(Tree tree, int[] rows, int levels) {
        double gradient = Arrays.stream(rows).mapToDouble(row -> gradients[row]).sum();
        double hessian = Arrays.stream(rows).mapToDouble(row -> hessians[row]).sum();
        int node = tree.addLeaf(gradient / hessian);
        if (levels == 0) {
            return node;
        }
        Split best = new Split(0, 0, MINIMUM_GAIN);
        for (int feature : candidates()) {
            best = better(best, feature, rows, gradient, hessian);
        }
        if (best.gain() > MINIMUM_GAIN) {
            int feature = best.feature();
            int bin = best.bin();
            int[] leftRows = Arrays.stream(rows)
                    .filter(row -> bins.bin(feature, row) <= bin)
                    .toArray();
            int[] rightRows = Arrays.stream(rows)
                    .filter(row -> bins.bin(feature, row) > bin)
                    .toArray();
            int left = grow(tree, leftRows, levels - 1);
            int right = grow(tree, rightRows, levels - 1);
            tree.split(node, feature, bins.threshold(feature, bin), left, right);
        }
        return node;
    }

    /** The best split of this feature if it gains more than {@code best}. */
    private Split better(Split best, int feature, int[] rows, double gradient, double hessian) {
        int count = bins.count(feature);
        double[] binGradients = new double[count];
        double[] binHessians = new double[count];
        int[] binRows = new int[count];
        for (int row : rows) {
            int bin = bins.bin(feature, row);
            binGradients[bin] += gradients[row];
            binHessians[bin] += hessians[row];
            binRows[bin]++;
        }
        double leftGradient = 0;
        double leftHessian = 0;
        int leftRows = 0;
        for (int bin = 0; bin < count - 1; bin++) {
            leftGradient += binGradients[bin];
            leftHessian += binHessians[bin];
            leftRows += binRows[bin];
            if (leftRows >= MINIMUM_LEAF && rows.length - leftRows >= MINIMUM_LEAF) {
                double rightGradient = gradient - leftGradient;
                double gain = leftGradient * leftGradient / leftHessian
                        + rightGradient * rightGradient / (hessian - leftHessian)
                        - gradient * gradient / hessian;
                if (gain > best.gain()) {
                    best = new Split(feature, bin, gain);
                }
            }
        }
        return best;
    }

    private int[] candidates() {
        int[] features = new int[bins.features()];
        Arrays.setAll(features, i -> i);
        for (int i = 0; i < featuresPerSplit; i++) {
            int other = i + random.nextInt(features.length - i);
            int feature = features[i];
            features[i] = features[other];
            features[other] = feature;
        }
        return Arrays.copyOf(features, featuresPerSplit);
    }
}
