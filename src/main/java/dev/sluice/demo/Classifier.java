package dev.sluice.demo;

import java.util.Map;

/** A fitted two-class model. */
interface Classifier {
    /** The probability of class 1, for a row of raw features. */
    double probability(double[] row);

    /** All that {@link #probability} needs: maps, lists, arrays, numbers and strings only. */
    Map<String, Object> parameters();
}
