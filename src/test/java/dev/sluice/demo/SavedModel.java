package dev.sluice.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;

/** The model again, from nothing but the files it was delivered in and the sentences of its card. */
final class SavedModel {
    private final SafetensorsReader weights;
    private final JsonNode vocabulary;
    private final int context;
    private final int embedding;

    SavedModel(Path directory, Path weightsFile) throws IOException {
        ObjectMapper json = new ObjectMapper();
        JsonNode config = json.readTree(directory.resolve("config.json").toFile());
        context = config.get("context_length").intValue();
        embedding = config.get("embedding_size").intValue();
        vocabulary = json.readTree(directory.resolve("tokenizer.json").toFile()).get("vocab");
        weights = SafetensorsReader.read(weightsFile);
    }

    double loss(String text) {
        double sum = 0;
        for (int position = 0; position < text.length(); position++) {
            double[] input = new double[context * embedding];
            for (int place = 0; place < context; place++) {
                int from = position - context + place;
                int token = from < 0 ? 0 : id(text.charAt(from));
                for (int i = 0; i < embedding; i++) {
                    input[place * embedding + i] = weights.values("embedding.weight")[token * embedding + i];
                }
            }
            double[] hidden = rectified(linear("layers.1", rectified(linear("layers.0", input))));
            sum += surprise(linear("head", hidden), id(text.charAt(position)));
        }
        return sum / text.length();
    }

    private int id(char character) {
        return vocabulary.get(String.valueOf(character)).intValue();
    }

    private double[] linear(String layer, double[] input) {
        float[] weight = weights.values(layer + ".weight");
        float[] bias = weights.values(layer + ".bias");
        double[] output = new double[bias.length];
        for (int row = 0; row < output.length; row++) {
            output[row] = bias[row];
            for (int column = 0; column < input.length; column++) {
                output[row] += weight[row * input.length + column] * input[column];
            }
        }
        return output;
    }

    private static double[] rectified(double[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.max(0, values[i]);
        }
        return values;
    }

    private static double surprise(double[] logits, int truth) {
        double sum = 0;
        for (double logit : logits) {
            sum += Math.exp(logit);
        }
        return Math.log(sum) - logits[truth];
    }
}
