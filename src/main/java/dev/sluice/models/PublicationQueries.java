package dev.sluice.models;

import dev.sluice.database.Actor;
import dev.sluice.database.Database;
import dev.sluice.jobs.ArtifactUrl;
import dev.sluice.jobs.Job;
import dev.sluice.jobs.JobQueries;
import dev.sluice.jobs.JobRow;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Leases on jobs that are due to be published. By the database's clock, which all replicas share. Never blocks. */
final class PublicationQueries {
    /** Ready but for an upload under way. One that is given up is due at infinity, until it has other artifacts. */
    private static final String DUE = """
            status = 'completed' and publication = 'due' and publish_at <= now()
                and (publish_lease_until is null or publish_lease_until < now())""";

    private static final String CLAIM = """
            update jobs set
                publish_fence = publish_fence + 1,
                publish_attempts = publish_attempts + 1,
                publish_lease_until = now() + make_interval(secs => $1)
            where job_id = (
                select job_id from jobs
                where %s and not exists (
                    select from open_uploads where open_uploads.job_id = jobs.job_id and expires_at > now())
                order by publish_at limit 1
                for no key update skip locked)
            returning publish_fence, publish_attempts, artifact_urls::text as artifacts, %s""".formatted(DUE, JobRow.COLUMNS);

    /** Not what was given back meanwhile: nobody would end that lease. */
    private static final String RENEW = """
            update jobs set publish_lease_until = now() + make_interval(secs => $3)
            where job_id = $1 and publish_fence = $2 and publication = 'due' and publish_lease_until is not null""";

    private static final String DEFER = """
            update jobs set publish_lease_until = null, publish_at = coalesce(now() + make_interval(secs => $3::float8), 'infinity'),
                fetch_begun = fetch_begun and $3::float8 is not null,
                publish_error = coalesce($4, publish_error), publish_attempts = case when $4::text is null
                    then publish_attempts - 1 else publish_attempts end
            where job_id = $1 and publish_fence = $2 and publication = 'due'""";

    private static final String FINISH = """
            update jobs set publication = 'published', publish_lease_until = null, publish_error = null
            where job_id = $1 and publish_fence = $2 and publication = 'due'""";

    private final Database database;

    PublicationQueries(Database database) {
        this.database = database;
    }

    /**
     * A job that this process may publish.
     *
     * @param fence tells this lease from any other on the job
     * @param attempts with this one
     * @param artifacts what the model is made of; empty when that is in the workspace
     */
    record Lease(Job job, long fence, int attempts, List<ArtifactUrl> artifacts) {}

    /** Somebody else has the job by now. */
    static final class LeaseLost extends RuntimeException {
        private static final long serialVersionUID = 1;

        LeaseLost(Lease lease) {
            super("lease " + lease.fence() + " on job " + lease.job().id() + " is over", null, false, false);
        }
    }

    Future<Optional<Lease>> claim(Duration term) {
        return run(CLAIM, Tuple.of(seconds(term))).map(rows -> {
            if (rows.size() == 0) {
                return Optional.empty();
            }
            Row row = rows.iterator().next();
            return Optional.of(new Lease(
                    JobRow.read(row),
                    row.getLong("publish_fence"),
                    row.getInteger("publish_attempts"),
                    ArtifactUrl.stored(row.getString("artifacts"))));
        });
    }

    /** How long until the next job is due, at least a moment when one waits for an upload; empty when none is known. */
    Future<Optional<Duration>> nextDue() {
        return run("""
                        select extract(epoch from min(greatest(publish_at, publish_lease_until)) - now())::float8 as seconds
                        from jobs where status = 'completed' and publication = 'due' and publish_at < 'infinity'""", Tuple.tuple())
                .map(rows -> Optional.ofNullable(rows.iterator().next().getDouble("seconds"))
                        .map(seconds -> Duration.ofMillis((long) (seconds * 1e3))));
    }

    Future<Void> renew(Lease lease, Duration term) {
        return run(RENEW, of(lease).addDouble(seconds(term))).map(rows -> requireHeld(lease, rows));
    }

    /** Gives the job back, to be tried again later; what went on meanwhile is no failure of it. */
    Future<Void> postpone(Lease lease, Duration delay) {
        return run(DEFER, of(lease).addDouble(seconds(delay)).addString(null)).mapEmpty();
    }

    /**
     * Gives the job back after a failure, of which its owner is told; where artifacts are fetched, what is new of that is recorded.
     *
     * @param delay empty when trying again cannot help: then it waits for other artifacts
     * @param fetched bytes of artifacts that have come
     */
    Future<Void> fail(Lease lease, Optional<Duration> delay, String error, long fetched) {
        JsonObject details = new JsonObject()
                .put("error", error)
                .put("final", delay.isEmpty())
                .put("bytes", fetched);
        Job job = lease.job();
        boolean recorded = !lease.artifacts().isEmpty() && !error.equals(job.error());
        Tuple values = of(lease)
                .addDouble(delay.map(PublicationQueries::seconds).orElse(null))
                .addString(error);
        return database.as(
                        new Actor.Background(),
                        connection -> connection
                                .preparedQuery(DEFER)
                                .execute(values)
                                .compose(rows -> rows.rowCount() == 1 && recorded
                                        ? ArtifactQueries.record(connection, job, "failed", details)
                                        : Future.succeededFuture()))
                .onSuccess(failed -> JobQueries.changed(database, job));
    }

    /** The model and the end of the lease in one transaction; fails with {@link LeaseLost} and commits nothing. */
    Future<Model> publish(Lease lease, NewModel model) {
        return database.as(
                        new Actor.Background(),
                        connection -> connection
                                .preparedQuery(FINISH)
                                .execute(of(lease))
                                .map(rows -> requireHeld(lease, rows))
                                .compose(held -> ModelRows.insert(connection, model, ""))
                                .compose(inserted ->
                                        fetched(connection, lease, inserted).map(inserted)))
                .onSuccess(published -> JobQueries.changed(database, lease.job()));
    }

    private static Future<Void> fetched(SqlConnection connection, Lease lease, Model model) {
        if (lease.artifacts().isEmpty()) {
            return Future.succeededFuture();
        }
        JsonObject details = new JsonObject()
                .put("files", lease.artifacts().size())
                .put("bytes", model.size())
                .put("model_id", model.id().toString());
        return ArtifactQueries.forget(connection, lease.job())
                .compose(forgotten -> ArtifactQueries.record(connection, lease.job(), "completed", details));
    }

    private static Void requireHeld(Lease lease, RowSet<Row> rows) {
        if (rows.rowCount() == 0) {
            throw new LeaseLost(lease);
        }
        return null;
    }

    private static Tuple of(Lease lease) {
        return Tuple.of(lease.job().id().value(), lease.fence());
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1e3;
    }

    private Future<RowSet<Row>> run(String sql, Tuple arguments) {
        return database.as(
                new Actor.Background(),
                connection -> connection.preparedQuery(sql).execute(arguments));
    }
}
