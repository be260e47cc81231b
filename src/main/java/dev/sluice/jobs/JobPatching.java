package dev.sluice.jobs;

import dev.sluice.audit.AuditEvent;
import dev.sluice.audit.AuditLog;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;

/** The steps of one transaction that changes a job, its row locked from the first to the last. */
final class JobPatching {
    private static final String LOCK =
            "select status, fetch_begun and publication = 'due' as fetching from jobs where job_id = $1 for no key update";

    /** What was fetched stays where its trainer had said what it is. */
    private static final String FORGET_FETCHED = "delete from fetched_artifacts where job_id = $1 and not promised";

    /**
     * By the clock, not by the transaction's start: this transaction may be older than the one it waited for. With other
     * artifacts, who publishes the job with the earlier ones has lost its lease, and what they failed for is past.
     */
    private static final String UPDATE = """
            update jobs set
                status = coalesce($3::text, status),
                error = coalesce($4::text, error),
                total_cost = coalesce($5::numeric, total_cost),
                artifact_urls = coalesce($6::text::jsonb, artifact_urls),
                publish_fence = case when $6::text is null then publish_fence else publish_fence + 1 end,
                publish_lease_until = case when $6::text is null then publish_lease_until end,
                publish_attempts = case when $6::text is null then publish_attempts else 0 end,
                publish_error = case when $6::text is null then publish_error end,
                publish_at = case when $6::text is null then publish_at else clock_timestamp() end,
                fetch_begun = fetch_begun and $6::text is null,
                started_at = case when $7::boolean then clock_timestamp() else started_at end,
                completed_at = case when $8::boolean then clock_timestamp() else completed_at end
            where job_id = $1 and status = $2
            returning\s""" + JobRow.COLUMNS;

    private JobPatching() {}

    /** As {@link JobQueries#patch(JobId, JobPatch, String, String)}, within the caller's transaction, as who ingests. */
    static Future<Job> patch(SqlConnection connection, JobId id, JobPatch patch, String by, String requestId) {
        return lock(connection, id)
                .compose(current -> update(connection, id, current.status(), patch)
                        .compose(job -> patch.artifacts() == null
                                ? Future.succeededFuture(job)
                                : forgetFetched(connection, job, current, by, requestId)
                                        .map(job)));
    }

    /** @param fetching whether artifacts of it are being fetched, or are to be tried again */
    private record Current(JobStatus status, boolean fetching) {}

    private static Future<Current> lock(SqlConnection connection, JobId id) {
        return connection.preparedQuery(LOCK).execute(Tuple.of(id.value())).map(rows -> {
            if (rows.size() == 0) {
                throw JobQueries.notFound();
            }
            Row row = rows.iterator().next();
            return new Current(JobQueries.status(row), row.getBoolean("fetching"));
        });
    }

    private static Future<Void> forgetFetched(
            SqlConnection connection, Job job, Current before, String by, String requestId) {
        AuditEvent event = AuditEvent.of(
                "job.fetch.cancelled",
                by,
                "fetch",
                "job",
                job.id().value(),
                new JsonObject().put("owner", job.owner()),
                requestId);
        return connection
                .preparedQuery(FORGET_FETCHED)
                .execute(Tuple.of(job.id().value()))
                .compose(forgotten ->
                        before.fetching() ? AuditLog.record(connection, event, "cancelled") : Future.succeededFuture());
    }

    private static Future<Job> update(SqlConnection connection, JobId id, JobStatus current, JobPatch patch) {
        JobStatus next = patch.status();
        if (next != null && !current.mayBecome(next)) {
            throw new ProblemException(
                    Problem.conflict("Job cannot change from " + current.label() + " to " + next.label()));
        }
        Tuple values = Tuple.of(id.value(), current.label());
        values.addString(next == null ? null : next.label())
                .addString(patch.error())
                .addValue(patch.totalCost())
                .addString(patch.artifacts() == null ? null : JobQueries.text(patch.artifacts()))
                .addBoolean(next == JobStatus.RUNNING)
                .addBoolean(next != null && next.terminal());
        return connection
                .preparedQuery(UPDATE)
                .execute(values)
                .map(rows -> JobQueries.first(rows).orElseThrow(JobQueries::notFound));
    }
}
