package dev.sluice.demo;

import java.util.List;
import java.util.Random;

/** A named tensor that learns: its values, their gradient and AdamW's two running moments, row by row. */
final class Parameter {
    final String name;
    final List<Integer> shape;
    final float[] values;
    final float[] gradient;
    final float[] firstMoment;
    final float[] secondMoment;

    Parameter(String name, Integer... shape) {
        this.name = name;
        this.shape = List.of(shape);
        int size = this.shape.stream().reduce(1, Math::multiplyExact);
        values = new float[size];
        gradient = new float[size];
        firstMoment = new float[size];
        secondMoment = new float[size];
    }

    void initialize(Random random, double deviation) {
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * deviation);
        }
    }

    /** Vectors (biases) are not decayed. */
    boolean isMatrix() {
        return shape.size() > 1;
    }
}
