package dev.sluice.models;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.sluice.http.ContentDisposition;
import dev.sluice.jobs.Dataset;
import dev.sluice.jobs.Json;
import io.vertx.sqlclient.Row;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One version of a published model; its files are apart. Only name, description and tags ever change.
 *
 * @param config of its job: the hyperparameters
 * @param summary of the training: epochs, steps, losses
 * @param metrics of an AutoML model, from the leaderboard
 * @param epoch ends links: another number after each deletion
 */
record Model(
        UUID id,
        String owner,
        String name,
        int version,
        String jobId,
        String description,
        List<String> tags,
        @Nullable Integer qualityScore,
        String convergence,
        @Nullable Double finalLoss,
        @Nullable Double perplexity,
        long size,
        @Nullable BigDecimal totalCost,
        @Nullable Dataset dataset,
        JsonNode config,
        JsonNode summary,
        JsonNode metrics,
        @Nullable String algorithm,
        @Nullable String taskType,
        String safety,
        ArchiveDigest archive,
        long epoch,
        Instant createdAt,
        @Nullable Instant deletedAt) {
    /** NAME_MAX of most file systems without the extension of an archive. */
    private static final int MOST_BASENAME_BYTES = 255 - ".zip".length();

    /** Of the unfiltered zip, under the tag that it had at publication. */
    record ArchiveDigest(String tag, long size, String sha256) {}

    static final String COLUMNS = "id, owner, name, version, job_id, description, tags, quality_score, convergence,"
            + " final_loss, perplexity, size, total_cost, dataset_id, dataset_name, config::text as config,"
            + " training_summary::text as training_summary, metrics::text as metrics, algorithm, task_type, safety,"
            + " archive_tag, archive_size, archive_sha256, epoch, created_at, deleted_at";

    static Model of(Row row) {
        String datasetId = row.getString("dataset_id");
        String datasetName = row.getString("dataset_name");
        return new Model(
                row.getUUID("id"),
                row.getString("owner"),
                row.getString("name"),
                row.getInteger("version"),
                row.getString("job_id"),
                row.getString("description"),
                List.copyOf(Arrays.asList(row.getArrayOfStrings("tags"))),
                row.getInteger("quality_score"),
                row.getString("convergence"),
                row.getDouble("final_loss"),
                row.getDouble("perplexity"),
                row.getLong("size"),
                row.getBigDecimal("total_cost"),
                datasetId == null && datasetName == null ? null : new Dataset(datasetId, datasetName),
                Json.stored(row.getString("config")),
                Json.stored(row.getString("training_summary")),
                Json.stored(row.getString("metrics")),
                row.getString("algorithm"),
                row.getString("task_type"),
                row.getString("safety"),
                new ArchiveDigest(
                        row.getString("archive_tag"), row.getLong("archive_size"), row.getString("archive_sha256")),
                row.getLong("epoch"),
                row.getOffsetDateTime("created_at").toInstant(),
                row.getOffsetDateTime("deleted_at") == null
                        ? null
                        : row.getOffsetDateTime("deleted_at").toInstant());
    }

    /** As lists show it. */
    ObjectNode toJson() {
        ObjectNode json = Json.object()
                .put("id", id.toString())
                .put("name", name)
                .put("version", version)
                .put("job_id", jobId)
                .put("owner", owner)
                .put("description", description);
        json.set("tags", Json.array(tags, TextNode::valueOf));
        json.put("quality_score", qualityScore)
                .put("convergence", convergence)
                .put("final_loss", finalLoss)
                .put("perplexity", perplexity)
                .put("size", size)
                .put("created_at", createdAt.toString())
                .put("total_cost", totalCost);
        json.set("dataset", dataset == null ? null : dataset.toJson());
        return json.put("safety", safety)
                .put("algorithm", algorithm)
                .put("task_type", taskType)
                .put("url", ModelUrls.model(id));
    }

    /** How it was trained and with what result. */
    ObjectNode trainingSummary() {
        ObjectNode json = Json.object();
        summary.properties().forEach(member -> json.set(member.getKey(), member.getValue()));
        json.put("perplexity", perplexity).put("total_cost", totalCost);
        json.set("hyperparameters", config);
        return json;
    }

    /** Name of its archive without extension: what a client can save it as. */
    String basename() {
        String suffix = "_v" + version;
        String stem = ContentDisposition.attachment(name).filename();
        while (utf8Length(stem + suffix) > MOST_BASENAME_BYTES) {
            stem = stem.substring(0, stem.offsetByCodePoints(stem.length(), -1));
        }
        return stem + suffix;
    }

    private static int utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
