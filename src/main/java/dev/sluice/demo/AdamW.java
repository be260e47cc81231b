package dev.sluice.demo;

import java.util.List;

/** Adam with decoupled weight decay (Loshchilov and Hutter, 2019). */
final class AdamW {
    static final float FIRST_DECAY = 0.9f;
    static final float SECOND_DECAY = 0.99f;
    static final float WEIGHT_DECAY = 0.01f;
    static final float EPSILON = 1e-8f;

    private final List<Parameter> parameters;
    private int steps;

    AdamW(List<Parameter> parameters) {
        this.parameters = parameters;
    }

    /** Moves every parameter against its gradient, and clears the gradient. */
    void step(double learningRate) {
        steps++;
        float rate = (float) (learningRate / (1 - StrictMath.pow(FIRST_DECAY, steps)));
        float secondCorrection = (float) (1 / (1 - StrictMath.pow(SECOND_DECAY, steps)));
        for (Parameter parameter : parameters) {
            float keep = parameter.isMatrix() ? (float) (1 - learningRate * WEIGHT_DECAY) : 1;
            update(parameter, rate, secondCorrection, keep);
        }
    }

    private static void update(Parameter parameter, float rate, float secondCorrection, float keep) {
        float[] values = parameter.values;
        float[] gradient = parameter.gradient;
        float[] first = parameter.firstMoment;
        float[] second = parameter.secondMoment;
        for (int i = 0; i < values.length; i++) {
            float slope = gradient[i];
            first[i] = FIRST_DECAY * first[i] + (1 - FIRST_DECAY) * slope;
            second[i] = SECOND_DECAY * second[i] + (1 - SECOND_DECAY) * slope * slope;
            float scale = (float) Math.sqrt(second[i] * secondCorrection) + EPSILON;
            values[i] = keep * values[i] - rate * first[i] / scale;
            gradient[i] = 0;
        }
    }
}
