package dev.sluice.models;

import dev.sluice.audit.AuditEvent;
import dev.sluice.audit.AuditLog;
import dev.sluice.jobs.Dataset;
import dev.sluice.jobs.Job;
import dev.sluice.jobs.Json;
import dev.sluice.storage.BlobId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Writes the rows of a new model, inside the transaction that publishes it. */
final class ModelRows {
    private static final int BATCH = 1_000;

    /** Locks the name until the transaction ends, so that versions come in order and none is left out. */
    private static final String NEXT_VERSION = """
            insert into model_names as known (owner, name, last_version) values ($1, $2, 1)
            on conflict (owner, name) do update set last_version = known.last_version + 1
            returning last_version""";

    private static final String INSERT = """
            insert into models (owner, name, version, job_id, origin, description, tags, quality_score, convergence,
                final_loss, perplexity, size, total_cost, dataset_id, dataset_name, config, training_summary, metrics,
                algorithm, task_type, safety, archive_tag, archive_size, archive_sha256)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16::text::jsonb, $17::text::jsonb,
                $18::text::jsonb, $19, $20, $21, $22, $23, $24)
            returning\s""" + Model.COLUMNS;

    private static final String INSERT_FILES = """
            insert into model_files (model_id, owner, position, path, directory, size, mode, modified_at, crc32,
                sha256, deflated_sha256, deflated_size, safety, findings, summary)
            select $1, $2, file.position, file.path, file.sha256 is null, file.size, file.mode, file.modified_at,
                file.crc32, file.sha256, file.deflated_sha256, file.deflated_size, file.safety,
                coalesce(string_to_array(file.findings, E'\\n'), '{}'), file.summary::jsonb
            from unnest($3::int[], $4::text[], $5::bigint[], $6::int[], $7::timestamptz[], $8::bigint[], $9::text[],
                $10::text[], $11::bigint[], $12::text[], $13::text[], $14::text[])
                as file (position, path, size, mode, modified_at, crc32, sha256, deflated_sha256, deflated_size, safety,
                    findings, summary)""";

    private static final String NOTIFY = """
            insert into notifications (owner, sender, type, job_id, model_id, message) values ($1, $2, $3, $4, $5, $6)""";

    private ModelRows() {}

    /**
     * The model, its files and its owner's notification; the caller's transaction commits them together.
     *
     * @param requestId empty when no request asks for it
     */
    static Future<Model> insert(SqlConnection connection, NewModel model, String requestId) {
        return nextVersion(connection, model.job().owner(), model.name())
                .compose(version -> connection
                        .preparedQuery(INSERT)
                        .execute(columns(model, version))
                        .map(rows -> Model.of(rows.iterator().next())))
                .compose(inserted -> insertFiles(connection, inserted, model.files(), 0)
                        .compose(done -> tell(
                                connection,
                                inserted.owner(),
                                inserted,
                                "model.published",
                                "Model " + inserted.name() + " version " + inserted.version() + " is published"))
                        .compose(told -> record(connection, inserted, "model.published", "publish", requestId))
                        .map(inserted));
    }

    static Future<Integer> nextVersion(SqlConnection connection, String owner, String name) {
        return connection
                .preparedQuery(NEXT_VERSION)
                .execute(Tuple.of(owner, name))
                .map(rows -> rows.iterator().next().getInteger("last_version"));
    }

    /** @param recipient who finds it among its notifications */
    static Future<Void> tell(SqlConnection connection, String recipient, Model model, String type, String message) {
        return connection
                .preparedQuery(NOTIFY)
                .execute(Tuple.of(recipient, model.owner(), type, model.jobId(), model.id(), message))
                .mapEmpty();
    }

    /** In the same transaction, so that it is recorded exactly when it is done; by the owner, or on its behalf. */
    static Future<Void> record(SqlConnection connection, Model model, String type, String action, String requestId) {
        return record(connection, model, type, action, requestId, new JsonObject());
    }

    /** @param more what else is to be known of it */
    static Future<Void> record(
            SqlConnection connection, Model model, String type, String action, String requestId, JsonObject more) {
        JsonObject details = new JsonObject()
                .put("name", model.name())
                .put("version", model.version())
                .put("job_id", model.jobId())
                .mergeIn(more);
        return AuditLog.record(
                connection,
                AuditEvent.of(type, model.owner(), action, "model", model.id().toString(), details, requestId),
                "completed");
    }

    private static Tuple columns(NewModel model, int version) {
        Job job = model.job();
        Dataset dataset = job.dataset();
        Quality quality = model.training().quality();
        return Tuple.tuple()
                .addString(job.owner())
                .addString(model.name())
                .addInteger(version)
                .addString(job.id().value())
                .addString(model.origin())
                .addString(model.description())
                .addArrayOfString(model.tags().toArray(String[]::new))
                .addInteger(quality.score())
                .addString(quality.convergence().label())
                .addDouble(quality.finalLoss())
                .addDouble(quality.perplexity())
                .addLong(model.size())
                .addValue(job.totalCost())
                .addString(dataset == null ? null : dataset.id())
                .addString(dataset == null ? null : dataset.name())
                .addString(job.config().text())
                .addString(Json.text(model.training().toJson()))
                .addString(
                        model.metrics().metrics() == null
                                ? "{}"
                                : Json.text(model.metrics().metrics()))
                .addString(model.metrics().algorithm())
                .addString(model.metrics().taskType())
                .addString(Inspection.together(model.files()).label())
                .addString(model.archive().tag())
                .addLong(model.archive().size())
                .addString(model.archive().sha256());
    }

    private static Future<Void> insertFiles(SqlConnection connection, Model model, List<ModelFile> files, int from) {
        if (from >= files.size()) {
            return Future.succeededFuture();
        }
        List<ModelFile> batch = files.subList(from, Math.min(from + BATCH, files.size()));
        return connection
                .preparedQuery(INSERT_FILES)
                .execute(columns(model.id(), model.owner(), batch, from))
                .compose(done -> insertFiles(connection, model, files, from + batch.size()));
    }

    private static Tuple columns(UUID model, String owner, List<ModelFile> files, int from) {
        Integer[] positions = new Integer[files.size()];
        java.util.Arrays.setAll(positions, index -> from + index);
        return Tuple.of(model, owner)
                .addArrayOfInteger(positions)
                .addArrayOfString(texts(files, ModelFile::path))
                .addArrayOfLong(longs(files, ModelFile::size))
                .addArrayOfInteger(files.stream().map(ModelFile::mode).toArray(Integer[]::new))
                .addArrayOfOffsetDateTime(files.stream()
                        .map(file -> file.modified().atOffset(ZoneOffset.UTC))
                        .toArray(OffsetDateTime[]::new))
                .addArrayOfLong(longs(files, ModelFile::crc32))
                .addArrayOfString(texts(files, file -> sha256(file.content())))
                .addArrayOfString(texts(files, file -> sha256(file.copy())))
                .addArrayOfLong(
                        longs(files, file -> file.copy().map(BlobId::size).orElse(null)))
                .addArrayOfString(texts(
                        files,
                        file -> file.inspection()
                                .safety()
                                .map(Inspection.Safety::label)
                                .orElse(null)))
                .addArrayOfString(texts(
                        files,
                        file -> file.inspection().findings().isEmpty()
                                ? null
                                : String.join("\n", file.inspection().findings())))
                .addArrayOfString(texts(
                        files,
                        file -> file.inspection().summary().map(Json::text).orElse(null)));
    }

    private static @Nullable String sha256(java.util.Optional<BlobId> blob) {
        return blob.map(BlobId::sha256).orElse(null);
    }

    private static String[] texts(List<ModelFile> files, Function<ModelFile, @Nullable String> component) {
        return files.stream().map(component).toArray(String[]::new);
    }

    private static Long[] longs(List<ModelFile> files, Function<ModelFile, @Nullable Long> component) {
        return files.stream().map(component).toArray(Long[]::new);
    }
}
