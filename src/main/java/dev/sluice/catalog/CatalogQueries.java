package dev.sluice.catalog;

import dev.sluice.audit.AuditEvent;
import dev.sluice.audit.AuditLog;
import dev.sluice.database.Actor;
import dev.sluice.database.Database;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Downloads of the catalog in the database. Leases run by the database's clock. Never blocks. */
public final class CatalogQueries {
    private static final String OPEN = "status in ('queued', 'downloading', 'verifying')";

    /** Asked for anew where the last one came to nothing; else what is there stays. */
    private static final String REQUEST = """
            insert into catalog_downloads as known
                (model_id, status, requested_by, request_id, bytes_per_second, connections)
            values ($1, 'queued', $2, $3, $4, $5)
            on conflict (model_id) do update set
                status = 'queued', requested_by = excluded.requested_by, request_id = excluded.request_id,
                bytes_per_second = excluded.bytes_per_second, connections = excluded.connections,
                downloaded_bytes = 0, total_bytes = null, speed = 0, error = null,
                fence = nextval('catalog_fences'), lease_until = null, requested_at = clock_timestamp(), finished_at = null
                where known.status in ('failed', 'cancelled')
            returning *""";

    private static final String REPORT = """
            update catalog_downloads set status = $3, downloaded_bytes = $4, total_bytes = $5, speed = $6,
                lease_until = clock_timestamp() + $7::bigint * interval '1 millisecond'
            where model_id = $1 and fence = $2 and status in ('downloading', 'verifying')
            returning *""";

    private static final String COMPLETE = """
            update catalog_downloads set status = 'completed', sha256 = $3, size = $4, verified = $5,
                downloaded_bytes = $4, total_bytes = $4, speed = 0, lease_until = null, finished_at = clock_timestamp()
            where model_id = $1 and fence = $2 and status in ('downloading', 'verifying')
            returning *""";

    private static final String FAIL = """
            update catalog_downloads set status = 'failed', error = $3, speed = 0, lease_until = null,
                finished_at = clock_timestamp()
            where model_id = $1 and fence = $2 and status in ('downloading', 'verifying')
            returning *""";

    private static final String GIVE_BACK = """
            update catalog_downloads set status = 'queued', speed = 0, lease_until = null
            where model_id = $1 and fence = $2 and status in ('downloading', 'verifying')
            returning *""";

    /** Fenced off: its holder learns it with its next report. */
    private static final String CANCEL = """
            update catalog_downloads set status = 'cancelled', speed = 0, fence = nextval('catalog_fences'),
                lease_until = null, finished_at = clock_timestamp()
            where model_id = $1 and\s""" + OPEN + " returning *";

    private static final String SPOILT = """
            update catalog_downloads set status = 'failed', error = $3, finished_at = clock_timestamp()
            where model_id = $1 and sha256 = $2 and status = 'completed'
            returning *""";

    private final Database database;

    public CatalogQueries(Database database) {
        this.database = database;
    }

    Future<Optional<CatalogDownload>> find(String modelId) {
        return database.call("select * from catalog_downloads_now($1)", Tuple.of(modelId))
                .map(CatalogQueries::first);
    }

    /** By model. */
    Future<Map<String, CatalogDownload>> all() {
        return database.call("select * from catalog_downloads_now($1)", Tuple.of((Object) null))
                .map(rows -> {
                    Map<String, CatalogDownload> downloads = new HashMap<>();
                    rows.forEach(row -> downloads.put(row.getString("model_id"), CatalogDownload.of(row)));
                    return downloads;
                });
    }

    /** @param begun whether this request began it; else it was under way, or complete */
    record Requested(CatalogDownload download, boolean begun) {}

    Future<Requested> request(
            String modelId, String by, String requestId, OptionalLong bytesPerSecond, int connections) {
        Tuple values = Tuple.of(modelId, by, requestId)
                .addLong(bytesPerSecond.isPresent() ? bytesPerSecond.getAsLong() : null)
                .addInteger(connections);
        return database.as(
                new Actor.Background(),
                connection -> connection
                        .preparedQuery(REQUEST)
                        .execute(values)
                        .compose(rows -> rows.size() == 1
                                ? audited(
                                                connection,
                                                CatalogDownload.of(
                                                        rows.iterator().next()),
                                                "download.started",
                                                by,
                                                requestId)
                                        .map(begun -> new Requested(begun, true))
                                : connection
                                        .preparedQuery("select * from catalog_downloads where model_id = $1")
                                        .execute(Tuple.of(modelId))
                                        .map(found -> new Requested(
                                                CatalogDownload.of(
                                                        found.iterator().next()),
                                                false))));
    }

    /** The next to be fetched, if there is one and fewer than {@code most} are under way on all replicas. */
    Future<Optional<CatalogDownload>> claim(Duration lease, int most) {
        return database.call(
                        "select * from claim_catalog_download($1::bigint * interval '1 millisecond', $2)",
                        Tuple.of(lease.toMillis(), most))
                .map(CatalogQueries::first);
    }

    /** Renews the lease too. Empty when the download is no longer the caller's. */
    Future<Optional<CatalogDownload>> report(
            CatalogDownload held, DownloadStatus status, long bytes, OptionalLong total, double speed, Duration lease) {
        Tuple values = Tuple.of(held.modelId(), held.fence(), status.label(), bytes)
                .addLong(total.isPresent() ? total.getAsLong() : null)
                .addDouble(speed)
                .addLong(lease.toMillis());
        return update(REPORT, values);
    }

    /** Empty when the download is no longer the caller's; the file is not published then. */
    Future<Optional<CatalogDownload>> complete(CatalogDownload held, String sha256, long size, boolean verified) {
        return ended(COMPLETE, "download.completed", Tuple.of(held.modelId(), held.fence(), sha256, size, verified));
    }

    Future<Optional<CatalogDownload>> fail(CatalogDownload held, String error) {
        return ended(FAIL, "download.failed", Tuple.of(held.modelId(), held.fence(), error));
    }

    /** For another replica, at once. */
    Future<Optional<CatalogDownload>> giveBack(CatalogDownload held) {
        return update(GIVE_BACK, Tuple.of(held.modelId(), held.fence()));
    }

    /** Empty when none was under way. */
    Future<Optional<CatalogDownload>> cancel(String modelId, String by, String requestId) {
        return audited(CANCEL, "download.cancelled", modelId, by, requestId);
    }

    /** A kept file turned out not to be what it was. */
    Future<Optional<CatalogDownload>> spoilt(String modelId, String sha256, String error) {
        return update(SPOILT, Tuple.of(modelId, sha256, error));
    }

    /** Empty when there was nothing. */
    Future<Optional<CatalogDownload>> delete(String modelId, String by, String requestId) {
        return audited(
                "delete from catalog_downloads where model_id = $1 returning *", "deleted", modelId, by, requestId);
    }

    private Future<Optional<CatalogDownload>> update(String sql, Tuple values) {
        return database.as(
                new Actor.Background(),
                connection -> connection.preparedQuery(sql).execute(values).map(CatalogQueries::first));
    }

    /** Ends what somebody else asked for: it is their row. */
    private Future<Optional<CatalogDownload>> ended(String sql, String what, Tuple values) {
        return database.as(
                new Actor.Background(),
                connection -> connection
                        .preparedQuery(sql)
                        .execute(values)
                        .map(CatalogQueries::first)
                        .compose(done -> done.isEmpty()
                                ? Future.succeededFuture(done)
                                : audited(
                                                connection,
                                                done.get(),
                                                what,
                                                done.get().by(),
                                                done.get().requestId())
                                        .map(Optional::of)));
    }

    private Future<Optional<CatalogDownload>> audited(
            String sql, String what, String modelId, String by, String requestId) {
        return database.as(
                new Actor.Background(),
                connection -> connection
                        .preparedQuery(sql)
                        .execute(Tuple.of(modelId))
                        .map(CatalogQueries::first)
                        .compose(done -> done.isEmpty()
                                ? Future.succeededFuture(done)
                                : audited(connection, done.get(), what, by, requestId)
                                        .map(Optional::of)));
    }

    /** In the transaction that does it, and so only if it is done. */
    private static Future<CatalogDownload> audited(
            SqlConnection connection, CatalogDownload download, String what, String by, String requestId) {
        JsonObject details = new JsonObject().put("bytes", download.bytes());
        download.error().ifPresent(reason -> details.put("error", reason));
        download.file().ifPresent(file -> details.put("sha256", file.sha256()).put("verified", file.verified()));
        String outcome = what.substring(what.indexOf('.') + 1);
        String action = what.startsWith("download") ? "download" : "delete";
        AuditEvent event = AuditEvent.of("model." + what, by, action, "model", download.modelId(), details, requestId);
        return AuditLog.record(connection, event, outcome).map(download);
    }

    private static Optional<CatalogDownload> first(RowSet<Row> rows) {
        return rows.size() == 0
                ? Optional.empty()
                : Optional.of(CatalogDownload.of(rows.iterator().next()));
    }
}
