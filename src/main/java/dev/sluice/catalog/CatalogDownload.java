package dev.sluice.catalog;

import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A download as its row says.
 *
 * @param by who asked for it
 * @param requestId of the request that did
 * @param bytes that have come
 * @param total as the upstream told
 * @param speed bytes a second
 * @param file of a completed download
 * @param fence proves, while it is the row's, that its holder still owns it
 */
record CatalogDownload(
        String modelId,
        DownloadStatus status,
        String by,
        String requestId,
        OptionalLong bytesPerSecond,
        int connections,
        long bytes,
        OptionalLong total,
        double speed,
        Optional<String> error,
        Optional<KeptFile> file,
        long fence) {

    /**
     * A file that is kept.
     *
     * @param verified whether the catalog told this digest before
     * @param since when it was complete
     */
    record KeptFile(String sha256, long size, boolean verified, Instant since) {}

    static CatalogDownload of(Row row) {
        DownloadStatus status = DownloadStatus.labelled(row.getString("status"));
        return new CatalogDownload(
                row.getString("model_id"),
                status,
                row.getString("requested_by"),
                row.getString("request_id"),
                optional(row.getLong("bytes_per_second")),
                row.getInteger("connections"),
                row.getLong("downloaded_bytes"),
                optional(row.getLong("total_bytes")),
                row.getDouble("speed"),
                Optional.ofNullable(row.getString("error")),
                status == DownloadStatus.COMPLETED ? Optional.of(kept(row)) : Optional.empty(),
                row.getLong("fence"));
    }

    private static KeptFile kept(Row row) {
        return new KeptFile(
                row.getString("sha256"),
                row.getLong("size"),
                row.getBoolean("verified"),
                row.getOffsetDateTime("finished_at").toInstant());
    }

    private static OptionalLong optional(@Nullable Long value) {
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }

    JsonObject toJson(CatalogEntry entry) {
        OptionalLong of = total.isPresent() ? total : entry.size();
        return new JsonObject()
                .put("model_id", modelId)
                .put("downloaded_bytes", bytes)
                .put("total_bytes", of.isPresent() ? of.getAsLong() : null)
                .put("percentage", percentage(of))
                .put("speed", status == DownloadStatus.DOWNLOADING ? Math.round(speed) : 0)
                .put("status", status.label())
                .put("error", error.orElse(null))
                .put("verified", file.map(KeptFile::verified).orElse(false));
    }

    /** In tenths; nothing but a completed download is all of it. */
    private double percentage(OptionalLong of) {
        if (status == DownloadStatus.COMPLETED) {
            return 100;
        }
        double part = of.orElse(0) == 0 ? 0 : 100.0 * bytes / of.getAsLong();
        return Math.min(99.9, Math.floor(part * 10) / 10);
    }
}
