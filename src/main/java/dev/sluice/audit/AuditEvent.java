package dev.sluice.audit;

import io.vertx.core.json.JsonObject;
import java.util.UUID;

/**
 * Something that someone does.
 *
 * @param type what it is, such as {@code model.download.started}
 * @param actor the owner id of who does it
 * @param action the verb, such as {@code download}
 * @param details what else is known; never a token, a link or anything that opens something
 * @param requestId as the client is told it
 */
public record AuditEvent(
        UUID id,
        String type,
        String actor,
        String action,
        String resourceType,
        String resourceId,
        JsonObject details,
        String requestId) {
    private static final int LONGEST = 1024;

    public static AuditEvent of(
            String type,
            String actor,
            String action,
            String resourceType,
            String resourceId,
            JsonObject details,
            String requestId) {
        return new AuditEvent(
                Replica.randomId(),
                type,
                actor,
                action,
                resourceType,
                Printable.of(resourceId, LONGEST),
                details,
                requestId);
    }

    JsonObject toJson() {
        return new JsonObject()
                .put("id", id.toString())
                .put("event_type", type)
                .put("actor", actor)
                .put("action", action)
                .put("resource_type", resourceType)
                .put("resource_id", resourceId)
                .put("details", details)
                .put("request_id", requestId);
    }
}
