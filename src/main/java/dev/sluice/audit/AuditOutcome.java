package dev.sluice.audit;

import io.vertx.core.json.JsonObject;
import java.util.UUID;

/**
 * How something ended that was begun before.
 *
 * @param event its id
 * @param type what it is now, such as {@code model.download.completed}
 * @param details are added to those of the beginning
 */
public record AuditOutcome(UUID event, String type, String outcome, JsonObject details) {
    JsonObject toJson() {
        return new JsonObject()
                .put("id", event.toString())
                .put("event_type", type)
                .put("outcome", outcome)
                .put("details", details);
    }
}
