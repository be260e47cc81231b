package dev.sluice.demo;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A dense layer, {@code y = x Wᵀ + b}, over batches stored row by row. Its weight is {@code [outputs, inputs]}, as
 * PyTorch's {@code nn.Linear} has it.
 *
 * <p>All three products are sums of scaled rows, four at a time: unlike dot products, the compiler vectorizes these
 * without changing the order of any addition, so that weights are the same bits on every machine.
 */
final class Linear {
    final Parameter weight;
    final Parameter bias;
    private final int inputs;
    private final int outputs;
    private final float[] transposed;

    Linear(String name, int inputs, int outputs) {
        this.inputs = inputs;
        this.outputs = outputs;
        weight = new Parameter(name + ".weight", outputs, inputs);
        bias = new Parameter(name + ".bias", outputs);
        transposed = new float[inputs * outputs];
    }

    List<Parameter> parameters() {
        return List.of(weight, bias);
    }

    /** He initialization: keeps the variance of what passes through rectifiers. */
    void initialize(Random random) {
        weight.initialize(random, StrictMath.sqrt(2.0 / inputs));
    }

    void forward(float[] x, float[] y, int rows) {
        transpose();
        for (int row = 0; row < rows; row++) {
            System.arraycopy(bias.values, 0, y, row * outputs, outputs);
        }
        for (int row = 0; row < rows; row++) {
            addScaledRows(y, row * outputs, x, row * inputs, 1, inputs, transposed, outputs);
        }
    }

    /** Adds to the gradients of weight and bias from the gradient of the output. */
    void backward(float[] x, float[] outputGradient, int rows) {
        for (int row = 0; row < rows; row++) {
            addScaled(bias.gradient, 0, 1, outputGradient, row * outputs, outputs);
        }
        for (int output = 0; output < outputs; output++) {
            addScaledRows(weight.gradient, output * inputs, outputGradient, output, outputs, rows, x, inputs);
        }
    }

    /** Overwrites {@code inputGradient} with the gradient of the input. */
    void backwardToInput(float[] outputGradient, float[] inputGradient, int rows) {
        Arrays.fill(inputGradient, 0, rows * inputs, 0);
        for (int row = 0; row < rows; row++) {
            addScaledRows(
                    inputGradient, row * inputs, outputGradient, row * outputs, 1, outputs, weight.values, inputs);
        }
    }

    private void transpose() {
        for (int output = 0; output < outputs; output++) {
            for (int input = 0; input < inputs; input++) {
                transposed[input * outputs + output] = weight.values[output * inputs + input];
            }
        }
    }

    /** {@code sum[at…] += Σ scales[from + i·stride] · matrix row i}, for i below {@code count}. */
    private static void addScaledRows(
            float[] sum, int at, float[] scales, int from, int stride, int count, float[] matrix, int width) {
        int i = 0;
        for (; i + 4 <= count; i += 4) {
            int scale = from + i * stride;
            float a = scales[scale];
            float b = scales[scale + stride];
            float c = scales[scale + 2 * stride];
            float d = scales[scale + 3 * stride];
            // Rectifiers silence about half of all units; whole groups of four are worth the test.
            if (a != 0 || b != 0 || c != 0 || d != 0) {
                addFourScaled(sum, at, a, b, c, d, matrix, i * width, width);
            }
        }
        for (; i < count; i++) {
            addScaled(sum, at, scales[from + i * stride], matrix, i * width, width);
        }
    }

    private static void addFourScaled(
            float[] sum, int at, float a, float b, float c, float d, float[] matrix, int first, int width) {
        int second = first + width;
        int third = second + width;
        int fourth = third + width;
        for (int j = 0; j < width; j++) {
            sum[at + j] +=
                    a * matrix[first + j] + b * matrix[second + j] + c * matrix[third + j] + d * matrix[fourth + j];
        }
    }

    private static void addScaled(float[] sum, int at, float scale, float[] row, int from, int width) {
        for (int j = 0; j < width; j++) {
            sum[at + j] += scale * row[from + j];
        }
    }
}
