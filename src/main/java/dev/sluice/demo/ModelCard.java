package dev.sluice.demo;

import java.util.List;
import java.util.Locale;

/** The {@code README.md} of a model: what it is, how it was made, how good it is, how to load it. */
final class ModelCard {
    private ModelCard() {}

    static String text(CharacterModel model, List<Metric> curve) {
        Metric first = curve.get(0);
        Metric last = curve.get(curve.size() - 1);
        return String.format(
                Locale.ROOT,
                """
            ---
            license: apache-2.0
            language: en
            library_name: safetensors
            pipeline_tag: text-generation
            ---
            # A small character language model

            Predicts the next character from the %d before it: embeddings of %d dimensions side by side, two rectified
            layers of %d and %d units, a softmax over the characters. %,d parameters, 32-bit floats.

            ## Training

            Trained from scratch in Java on a short original text, one paragraph in ten held out: %d steps of %d
            characters (%.2f epochs) with AdamW, learning rate %s with warm-up and cosine decay, seed %d.

            | step | train loss | validation loss | perplexity |
            | ---: | ---: | ---: | ---: |
            | 1 | %.4f | – | – |
            %s
            Losses are mean cross-entropy in nats a character; perplexity is exp(validation loss). The training
            loss is that of a single batch. The loss fell by %.1f %%.

            ## Loading

            ```python
            from safetensors.numpy import load_file
            weights = load_file("model.safetensors")  # linear weights are [outputs, inputs]
            ```

            `tokenizer.json` maps characters to ids; id 0 pads what would stand before the text.
            Each `checkpoint-N/` also holds AdamW's moments (`optimizer.safetensors`) and the curve so far.

            ## Limits

            A demonstration: it has learned spelling and the shape of sentences, not meaning.
            """,
                CharacterModel.CONTEXT,
                CharacterModel.EMBEDDING,
                CharacterModel.FIRST_HIDDEN,
                CharacterModel.SECOND_HIDDEN,
                model.size(),
                last.step(),
                LanguageModelTraining.BATCH,
                last.epoch(),
                LanguageModelTraining.PEAK_LEARNING_RATE,
                LanguageModelTraining.SEED,
                first.trainLoss(),
                rows(curve),
                100 * (first.trainLoss() - last.trainLoss()) / first.trainLoss());
    }

    private static String rows(List<Metric> curve) {
        StringBuilder rows = new StringBuilder();
        for (Metric metric : curve) {
            metric.validationLoss()
                    .ifPresent(loss -> rows.append(String.format(
                            Locale.ROOT,
                            "| %d | %.4f | %.4f | %.3f |\n",
                            metric.step(),
                            metric.trainLoss(),
                            loss,
                            StrictMath.exp(loss))));
        }
        return rows.toString();
    }
}
