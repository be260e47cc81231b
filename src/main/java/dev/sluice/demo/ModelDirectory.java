package dev.sluice.demo;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A job's {@code model/}: the description of the model, its checkpoints, its final weights and its card. */
final class ModelDirectory {
    private static final String WEIGHTS = "model.safetensors";
    private static final ObjectWriter JSON =
            new ObjectMapper().writer(new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n")));

    private final Path directory;

    ModelDirectory(Path directory) {
        this.directory = directory;
    }

    void describe(CharacterTokenizer tokenizer, CharacterModel model) throws IOException {
        Files.createDirectories(directory);
        writeJson(directory.resolve("tokenizer.json"), tokenizer.description());

        Map<String, Object> config = new LinkedHashMap<>();
        config.put("architectures", List.of("CharacterModel"));
        config.put("model_type", "character-mlp");
        config.put("vocab_size", tokenizer.size());
        config.put("context_length", CharacterModel.CONTEXT);
        config.put("embedding_size", CharacterModel.EMBEDDING);
        config.put("hidden_sizes", List.of(CharacterModel.FIRST_HIDDEN, CharacterModel.SECOND_HIDDEN));
        config.put("hidden_act", "relu");
        config.put("torch_dtype", "float32");
        config.put("num_parameters", model.size());
        Map<String, Object> training = new LinkedHashMap<>();
        training.put("optimizer", "adamw");
        training.put("max_steps", LanguageModelTraining.STEPS);
        training.put("batch_size", LanguageModelTraining.BATCH);
        training.put("learning_rate", LanguageModelTraining.PEAK_LEARNING_RATE);
        training.put("final_learning_rate", LanguageModelTraining.FINAL_LEARNING_RATE);
        training.put("warmup_steps", LanguageModelTraining.WARMUP_STEPS);
        training.put("weight_decay", shortest(AdamW.WEIGHT_DECAY));
        training.put("seed", LanguageModelTraining.SEED);
        config.put("training", training);
        writeJson(directory.resolve("config.json"), config);
    }

    /** All that is needed to go on from here: weights, the optimizer's moments, the curve so far. */
    void checkpoint(CharacterModel model, List<Metric> curve) throws IOException {
        Metric last = curve.get(curve.size() - 1);
        Path checkpoint = Files.createDirectories(directory.resolve("checkpoint-" + last.step()));
        writeWeights(checkpoint, model, last);

        List<Safetensors.Tensor> moments = new ArrayList<>();
        for (Parameter parameter : model.parameters()) {
            moments.add(tensor(parameter.name + ".exp_avg", parameter, parameter.firstMoment));
            moments.add(tensor(parameter.name + ".exp_avg_sq", parameter, parameter.secondMoment));
        }
        Safetensors.write(checkpoint.resolve("optimizer.safetensors"), metadata(last), moments);

        Map<String, Object> state = new LinkedHashMap<>();
        state.put("global_step", last.step());
        state.put("max_steps", LanguageModelTraining.STEPS);
        state.put("epoch", last.epoch());
        state.put("train_batch_size", LanguageModelTraining.BATCH);
        state.put("log_history", curve.stream().map(ModelDirectory::history).toList());
        writeJson(checkpoint.resolve("trainer_state.json"), state);
    }

    void complete(CharacterModel model, List<Metric> curve) throws IOException {
        writeWeights(directory, model, curve.get(curve.size() - 1));
        Files.writeString(directory.resolve("README.md"), ModelCard.text(model, curve));
    }

    private static void writeWeights(Path directory, CharacterModel model, Metric last) throws IOException {
        List<Safetensors.Tensor> weights = model.parameters().stream()
                .map(parameter -> tensor(parameter.name, parameter, parameter.values))
                .toList();
        Safetensors.write(directory.resolve(WEIGHTS), metadata(last), weights);
    }

    private static Safetensors.Tensor tensor(String name, Parameter parameter, float[] values) {
        return new Safetensors.Tensor(name, parameter.shape, FloatBuffer.wrap(values));
    }

    private static Map<String, String> metadata(Metric last) {
        return Map.of("step", Integer.toString(last.step()));
    }

    private static Map<String, Object> history(Metric metric) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("step", metric.step());
        entry.put("epoch", metric.epoch());
        entry.put("loss", metric.trainLoss());
        entry.put("learning_rate", metric.learningRate());
        metric.validationLoss().ifPresent(loss -> entry.put("eval_loss", loss));
        return entry;
    }

    /** The float as it was written in the source, not its nearest double. */
    private static double shortest(float value) {
        return Double.parseDouble(Float.toString(value));
    }

    private static void writeJson(Path file, Object document) throws IOException {
        Files.writeString(file, JSON.writeValueAsString(document) + "\n");
    }
}
