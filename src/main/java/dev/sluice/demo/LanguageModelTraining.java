package dev.sluice.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Trains a small character language model on the packaged text, as a trainer with a shared volume would: into the
 * job's workspace directory, while it is read. The seed is fixed and every sum has one order, so a second run leaves
 * the same bytes under {@code model/}.
 */
public final class LanguageModelTraining {
    /** Points of the curve: one call of {@code onStep} each. */
    public static final int STEPS = 300;

    static final int CHECKPOINT_EVERY = 100;
    static final int BATCH = 64;
    static final double PEAK_LEARNING_RATE = 3e-3;
    static final double FINAL_LEARNING_RATE = 2e-4;
    static final int WARMUP_STEPS = 20;
    static final long SEED = 20_240_607;
    private static final int VALIDATE_EVERY = 50;
    private static final int PROGRESS_EVERY = 10;

    private final Corpus corpus;
    private final CharacterTokenizer tokenizer;
    private final CharacterModel model;
    private final ModelDirectory directory;
    private final List<Metric> curve = new ArrayList<>();

    private LanguageModelTraining(Path workspaceJobDir) throws IOException {
        corpus = Corpus.packaged();
        tokenizer = CharacterTokenizer.of(corpus.whole());
        model = new CharacterModel(tokenizer.size(), BATCH, new Random(SEED));
        directory = new ModelDirectory(workspaceJobDir.resolve("model"));
    }

    /**
     * Trains from scratch on the calling thread: a few seconds of one core, so never an event loop.
     *
     * @param workspaceJobDir the job's directory; made when missing, files of an earlier run are replaced
     * @param onStep called after every step on the calling thread; what it throws ends the training as failed
     * @throws IOException when a file cannot be written
     */
    public static void train(Path workspaceJobDir, Consumer<Metric> onStep) throws IOException {
        TrainingRun.record(
                workspaceJobDir, STEPS, run -> new LanguageModelTraining(workspaceJobDir).train(run, onStep));
    }

    private void train(TrainingRun run, Consumer<Metric> onStep) throws IOException {
        int[] training = tokenizer.encode(corpus.training());
        int[] heldOut = tokenizer.encode(corpus.heldOut());
        AdamW optimizer = new AdamW(model.parameters());
        Batches batches = new Batches(training.length, new Random(SEED + 1));
        run.log()
                .info(line(
                        "training a character model: %d parameters, %d tokens to train on, %d held out",
                        model.size(), training.length, heldOut.length));
        run.progress().running(0, Map.of());
        directory.describe(tokenizer, model);

        for (int step = 1; step <= STEPS; step++) {
            double learningRate = learningRate(step);
            double trainLoss = model.lossAndGradient(training, batches.next(BATCH));
            optimizer.step(learningRate);
            OptionalDouble validationLoss =
                    step % VALIDATE_EVERY == 0 ? OptionalDouble.of(model.loss(heldOut)) : OptionalDouble.empty();
            Metric metric = new Metric(step, batches.epoch(), trainLoss, validationLoss, learningRate);
            curve.add(metric);
            report(run, metric);
            if (step % CHECKPOINT_EVERY == 0) {
                directory.checkpoint(model, curve);
                run.log().info("saved checkpoint-" + step);
            }
            onStep.accept(metric);
        }
        directory.complete(model, curve);
        run.log().info("saved the model, training completed");
    }

    /** Linear warm-up, then half a cosine. */
    private static double learningRate(int step) {
        if (step <= WARMUP_STEPS) {
            return PEAK_LEARNING_RATE * step / WARMUP_STEPS;
        }
        double done = (double) (step - WARMUP_STEPS) / (STEPS - WARMUP_STEPS);
        return FINAL_LEARNING_RATE
                + (PEAK_LEARNING_RATE - FINAL_LEARNING_RATE) * (1 + StrictMath.cos(StrictMath.PI * done)) / 2;
    }

    private static void report(TrainingRun run, Metric metric) throws IOException {
        run.log()
                .info(line(
                        "step=%d/%d epoch=%.3f train_loss=%.4f learning_rate=%.6f",
                        metric.step(), STEPS, metric.epoch(), metric.trainLoss(), metric.learningRate()));
        if (metric.validationLoss().isPresent()) {
            double loss = metric.validationLoss().getAsDouble();
            run.log()
                    .info(line(
                            "step=%d/%d validation_loss=%.4f perplexity=%.3f",
                            metric.step(), STEPS, loss, StrictMath.exp(loss)));
        }
        if (metric.step() % PROGRESS_EVERY == 0) {
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("epoch", metric.epoch());
            figures.put("loss", metric.trainLoss());
            run.progress().running(metric.step(), figures);
        }
    }

    private static String line(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }
}
