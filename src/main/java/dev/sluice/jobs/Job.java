package dev.sluice.jobs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A training job as its owner sees it; its files are in its workspace. The URLs to fetch files from at publication are not part of it:
 * there may be thousands, and they often carry a signature.
 *
 * @param config a JSON object, in the trainer's words
 * @param totalCost in the trainer's currency, not negative
 * @param error why it failed, in the trainer's words; of a completed one why it could not be published yet
 * @param startedAt when it began to run
 * @param completedAt when it reached a terminal status
 * @param publication of a completed job: {@code due}, {@code awaiting_artifacts} or {@code published}
 */
public record Job(
        JobId id,
        String owner,
        String name,
        JobStatus status,
        @Nullable Dataset dataset,
        StoredJson config,
        @Nullable BigDecimal totalCost,
        @Nullable String error,
        Instant createdAt,
        @Nullable Instant startedAt,
        @Nullable Instant completedAt,
        String publication) {
    public ObjectNode toJson() {
        ObjectNode json = Json.object()
                .put("job_id", id.value())
                .put("owner", owner)
                .put("name", name)
                .put("status", status.label());
        json.set("dataset", dataset == null ? null : dataset.toJson());
        json.set("config", config.asWritten());
        return json.put("total_cost", totalCost)
                .put("error", error)
                .put("created_at", createdAt.toString())
                .put("started_at", text(startedAt))
                .put("completed_at", text(completedAt))
                .put("publication", status == JobStatus.COMPLETED ? publication : null);
    }

    private static @Nullable String text(@Nullable Instant instant) {
        return instant == null ? null : instant.toString();
    }
}
