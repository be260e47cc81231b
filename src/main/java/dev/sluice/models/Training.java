package dev.sluice.models;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.jobs.Json;
import org.jspecify.annotations.Nullable;

/**
 * How a model was trained.
 *
 * @param epochs the last that was reported
 * @param steps the last that was reported
 * @param durationSeconds from the job's start to its completion
 */
record Training(
        Quality quality,
        @Nullable Double epochs,
        @Nullable Long steps,
        @Nullable Double durationSeconds) {
    ObjectNode toJson() {
        return Json.object()
                .put("epochs", epochs)
                .put("steps", steps)
                .put("duration_seconds", durationSeconds)
                .put("initial_loss", quality.initialLoss())
                .put("final_loss", quality.finalLoss())
                .put("validation_loss", quality.validationLoss())
                .put("loss_reduction", quality.lossReduction());
    }
}
