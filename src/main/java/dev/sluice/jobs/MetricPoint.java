package dev.sluice.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a trainer measured at one step. All numbers are finite.
 *
 * @param step from 0 on; a job has one point a step
 * @param extra whatever else was measured, by name
 */
public record MetricPoint(
        long step,
        @Nullable Double epoch,
        double trainLoss,
        @Nullable Double validationLoss,
        @Nullable Double learningRate,
        ObjectNode extra) {
    /** One call's worth. */
    static final int MAX_POINTS = 10_000;

    /** Bytes of JSON. */
    private static final int MAX_EXTRA_SIZE = 4 * 1024;

    private static final List<String> NAMED =
            List.of("step", "epoch", "train_loss", "validation_loss", "learning_rate");

    /** @throws dev.sluice.http.ProblemException 400, with every fault of the body */
    static List<MetricPoint> readList(byte[] body) {
        Faults faults = Faults.ofBody();
        JsonNode json = JsonReader.read(body, faults);
        List<MetricPoint> points = Members.list(json, MAX_POINTS, faults, MetricPoint::read);
        faults.raise();
        return points;
    }

    private static MetricPoint read(Members members) {
        ObjectNode extra = members.others(NAMED);
        if (Json.text(extra).getBytes(StandardCharsets.UTF_8).length > MAX_EXTRA_SIZE) {
            members.fault("must have at most " + MAX_EXTRA_SIZE + " bytes of further members");
        }
        return new MetricPoint(
                members.requiredInteger("step"),
                members.real("epoch"),
                members.requiredReal("train_loss"),
                members.real("validation_loss"),
                members.real("learning_rate"),
                extra);
    }

    public ObjectNode toJson() {
        ObjectNode json = Json.object()
                .put("step", step)
                .put("epoch", epoch)
                .put("train_loss", trainLoss)
                .put("validation_loss", validationLoss)
                .put("learning_rate", learningRate);
        json.setAll(extra);
        return json;
    }
}
