package dev.sluice.models;

import dev.sluice.audit.AuditEvent;
import dev.sluice.audit.AuditLog;
import dev.sluice.database.Actor;
import dev.sluice.database.Database;
import dev.sluice.jobs.ArtifactUrl;
import dev.sluice.jobs.Job;
import dev.sluice.jobs.Json;
import dev.sluice.models.PublicationQueries.Lease;
import dev.sluice.models.PublicationQueries.LeaseLost;
import dev.sluice.storage.BlobId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;

/** What of jobs' artifacts has been fetched, and what is recorded of that. Never blocks. */
public final class ArtifactQueries {
    private static final String BEGIN = """
            update jobs set fetch_begun = true
            where job_id = $1 and publish_fence = $2 and publication = 'due' and not fetch_begun""";

    private static final String KEPT = """
            select artifact, path, size, mode, modified_at, crc32, sha256, deflated_sha256, deflated_size, safety, findings,
                summary::text as summary
            from fetched_artifacts where job_id = $1""";

    /** Whoever takes the job over, or gives it other artifacts, waits for the lock and then is not overtaken. */
    private static final String KEEP = """
            insert into fetched_artifacts as known (job_id, owner, artifact, promised, path, size, mode, modified_at, crc32,
                sha256, deflated_sha256, deflated_size, safety, findings, summary)
            select held.job_id, held.owner, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15::text::jsonb
            from (select job_id, owner from jobs where job_id = $1 and publish_fence = $2 and publication = 'due' for share) held
            on conflict (job_id, artifact) do update set size = excluded.size, crc32 = excluded.crc32, sha256 = excluded.sha256,
                deflated_sha256 = excluded.deflated_sha256, deflated_size = excluded.deflated_size, safety = excluded.safety,
                findings = excluded.findings, summary = excluded.summary, fetched_at = clock_timestamp()""";

    /** What a fetch that goes on counts on stays. */
    private static final String COLLECT = """
            delete from fetched_artifacts
            where fetched_at < now() - make_interval(secs => $1)
                and not exists (select from jobs where jobs.job_id = fetched_artifacts.job_id and publish_lease_until > now())""";

    private final Database database;

    public ArtifactQueries(Database database) {
        this.database = database;
    }

    /** Records, once for a job's artifacts, that their fetch begins. Nothing is fetched before it is. */
    Future<Void> begin(Lease lease) {
        return background(connection -> connection
                .preparedQuery(BEGIN)
                .execute(of(lease))
                .compose(rows -> rows.rowCount() == 0
                        ? Future.succeededFuture()
                        : record(
                                connection,
                                lease.job(),
                                "started",
                                new JsonObject().put("files", lease.artifacts().size()))));
    }

    /** Files of a job that are in the blob store, by {@link ArtifactUrl#digest}. */
    Future<Map<String, ModelFile>> kept(Job job) {
        return background(connection ->
                        connection.preparedQuery(KEPT).execute(Tuple.of(job.id().value())))
                .map(rows -> {
                    Map<String, ModelFile> kept = new HashMap<>();
                    rows.forEach(row -> kept.put(row.getString("artifact"), ModelFile.of(row)));
                    return kept;
                });
    }

    /** Lets a file that is in the blob store stay there for the job's next try. Fails with {@link LeaseLost}. */
    Future<Void> keep(Lease lease, ArtifactUrl artifact, ModelFile file) {
        Tuple values = of(lease)
                .addString(artifact.digest())
                .addBoolean(artifact.sha256() != null)
                .addString(file.path())
                .addLong(file.size())
                .addInteger(file.mode())
                .addOffsetDateTime(file.modified().atOffset(ZoneOffset.UTC))
                .addLong(file.crc32())
                .addString(file.content().map(BlobId::sha256).orElseThrow())
                .addString(file.copy().map(BlobId::sha256).orElse(null))
                .addLong(file.copy().map(BlobId::size).orElse(null))
                .addString(
                        file.inspection().safety().map(Inspection.Safety::label).orElse(null))
                .addArrayOfString(file.inspection().findings().toArray(String[]::new))
                .addString(file.inspection().summary().map(Json::text).orElse(null));
        return background(connection -> connection.preparedQuery(KEEP).execute(values))
                .compose(rows ->
                        rows.rowCount() == 0 ? Future.failedFuture(new LeaseLost(lease)) : Future.succeededFuture());
    }

    /** The next try fetches everything. */
    Future<Void> forget(Job job) {
        return background(connection -> forget(connection, job));
    }

    static Future<Void> forget(SqlConnection connection, Job job) {
        return connection
                .preparedQuery("delete from fetched_artifacts where job_id = $1")
                .execute(Tuple.of(job.id().value()))
                .mapEmpty();
    }

    /** Forgets what was fetched so long ago of jobs that nobody is publishing now; returns of how many files. */
    public Future<Integer> collect(Duration olderThan) {
        return background(connection -> connection.preparedQuery(COLLECT).execute(Tuple.of(olderThan.toMillis() / 1e3)))
                .map(RowSet::rowCount);
    }

    /** In the transaction that does it, and so only if it is done. On the owner's behalf. */
    static Future<Void> record(SqlConnection connection, Job job, String outcome, JsonObject details) {
        AuditEvent event = AuditEvent.of(
                "job.fetch." + outcome, job.owner(), "fetch", "job", job.id().value(), details, "");
        return AuditLog.record(connection, event, outcome);
    }

    private <T> Future<T> background(java.util.function.Function<SqlConnection, Future<T>> work) {
        return database.as(new Actor.Background(), work);
    }

    private static Tuple of(Lease lease) {
        return Tuple.of(lease.job().id().value(), lease.fence());
    }
}
