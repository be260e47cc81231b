package dev.sluice.jobs;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.sluice.cache.Lookups;
import dev.sluice.database.Actor;
import dev.sluice.database.Batches;
import dev.sluice.database.Database;
import dev.sluice.http.Paging;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Jobs in the database. Trainers write anyone's; owners read their own, and what is missing or another's is one answer. Never
 * blocks.
 */
public final class JobQueries {
    /** Whatever is unique: the job and owner of another's row may be there an instant before its job is. */
    private static final String INSERT = """
            insert into jobs (job_id, owner, name, dataset_id, dataset_name, config, total_cost, artifact_urls)
            values ($1, $2, $3, $4, $5, $6::text::json, $7, $8::text::jsonb)
            on conflict do nothing
            returning\s""" + JobRow.COLUMNS;

    /** One statement, so that page and total are of one moment; the total comes also when the page is empty. */
    private static final String LIST = """
            select counted.total, page.* from
                (select count(*) as total from jobs where owner = $1 and ($2::text is null or status = $2)) counted
                left join lateral
                (select %s from jobs where owner = $1 and ($2::text is null or status = $2)
                    order by jobs.created_at desc, jobs.job_id limit $3 offset $4) page
                on true
            order by page.created_at desc, page.job_id""".formatted(JobRow.COLUMNS);

    private static final String FIND = "select " + JobRow.COLUMNS + " from jobs_of($1, $2)";

    /** With the second that a question may take, a right that is revoked elsewhere is gone within five. */
    static final Duration KEPT = Duration.ofSeconds(4);

    private static final int MOST_KEPT = 10_000;

    /** Jobs of one statement: twice as many hardly cost less each. */
    private static final int MOST_TOGETHER = 64;

    private final Database database;
    private final Lookups<Owned, KnownJob> owned;
    private final Batches<Owned, Job> asked;

    public JobQueries(Database database) {
        this(database, Ticker.systemTicker());
    }

    JobQueries(Database database, Ticker ticker) {
        this.database = database;
        this.owned = new Lookups<>(KEPT, MOST_KEPT, job -> true, ticker);
        this.asked = new Batches<>(Database.PIPELINED_CONNECTIONS, MOST_TOGETHER, this::ask);
        database.announcements().listen(this::forget, owned::forgetAll);
    }

    private record Owned(String owner, JobId id) {}

    /** Fails with 409 when the id is taken, whoever has it. */
    Future<Job> register(JobRegistration job) {
        Dataset dataset = job.dataset();
        Tuple values = Tuple.of(
                job.id().value(),
                job.owner(),
                job.name(),
                dataset == null ? null : dataset.id(),
                dataset == null ? null : dataset.name(),
                Json.text(job.config()));
        values.addValue(job.totalCost()).addString(text(job.artifacts()));
        return database.as(
                        new Actor.Ingest(),
                        connection -> connection
                                .preparedQuery(INSERT)
                                .execute(values)
                                .map(rows -> first(rows)
                                        .orElseThrow(
                                                () -> new ProblemException(Problem.conflict("Job already exists")))))
                .onSuccess(this::changed);
    }

    /** Who asks this process from now on is told what holds now; the others hear of it a moment later. */
    private void changed(Job job) {
        changed(database, job);
    }

    /** As it does for its own changes, of one that somebody else in this process has committed. */
    public static void changed(Database database, Job job) {
        database.announcements().tell(JobChange.announcement(job));
    }

    private void forget(String announced) {
        JobChange.announced(announced)
                .flatMap(change -> JobId.parse(change.jobId()).map(id -> new Owned(change.owner(), id)))
                .ifPresent(owned::forget);
    }

    /** As the other, on behalf of nobody but this server. */
    Future<Job> patch(JobId id, JobPatch patch) {
        return patch(id, patch, "sluice", "");
    }

    /**
     * Fails with 404, or with 409 when the job cannot make that step.
     *
     * @param by who ends a fetch of earlier artifacts with it, for the record
     */
    Future<Job> patch(JobId id, JobPatch patch, String by, String requestId) {
        return database.as(new Actor.Ingest(), connection -> JobPatching.patch(connection, id, patch, by, requestId))
                .onSuccess(this::changed);
    }

    /** Fails with 404 when there is no such job, or it is another's. */
    public Future<Job> find(String owner, JobId id) {
        return asked.ask(new Owned(owner, id)).map(job -> job.orElseThrow(JobQueries::notFound));
    }

    private Future<Map<Owned, Job>> ask(List<Owned> questions) {
        String[] owners = questions.stream().map(Owned::owner).toArray(String[]::new);
        String[] ids = questions.stream().map(question -> question.id().value()).toArray(String[]::new);
        return database.call(FIND, Tuple.tuple().addArrayOfString(owners).addArrayOfString(ids), questions.size())
                .map(rows -> {
                    Map<Owned, Job> jobs = new HashMap<>();
                    for (Row row : rows) {
                        Job job = JobRow.read(row);
                        jobs.put(new Owned(job.owner(), job.id()), job);
                    }
                    return jobs;
                });
    }

    /**
     * As {@link #find}, of the last four seconds: for downloads, of which many ask for the same job at once. What was
     * changed through this object shows at once.
     */
    Future<Job> recent(String owner, JobId id) {
        return owned.find(new Owned(owner, id), () -> known(owner, id)).map(KnownJob::job);
    }

    /**
     * As {@link #find}: what is asked again is remembered, only while it is heard of changes wherever they are made, and so as it was a
     * moment ago at most, the time that an announcement takes.
     */
    Future<KnownJob> current(String owner, JobId id) {
        return database.announcements().heard()
                ? owned.findRecurring(new Owned(owner, id), () -> known(owner, id))
                : known(owner, id);
    }

    private Future<KnownJob> known(String owner, JobId id) {
        return find(owner, id).map(KnownJob::new);
    }

    /** Anyone's job, for a trainer that may write it. Fails with 404 when there is none. */
    Future<Job> locate(JobId id) {
        return database.as(
                new Actor.Ingest(),
                connection -> connection
                        .preparedQuery("select " + JobRow.COLUMNS + " from jobs where job_id = $1")
                        .execute(Tuple.of(id.value()))
                        .map(rows -> first(rows).orElseThrow(JobQueries::notFound)));
    }

    /** Newest first, then by id. */
    Future<JobPage> list(String owner, @Nullable JobStatus status, Paging page) {
        Tuple values = Tuple.of(owner, status == null ? null : status.label(), page.limit(), page.offset());
        return database.as(
                new Actor.Owner(owner),
                connection -> connection.preparedQuery(LIST).execute(values).map(rows -> jobPage(rows, page)));
    }

    private static JobPage jobPage(RowSet<Row> rows, Paging page) {
        List<Job> jobs = new ArrayList<>();
        long total = 0;
        for (Row row : rows) {
            total = row.getLong("total");
            if (row.getString("job_id") != null) {
                jobs.add(JobRow.read(row));
            }
        }
        return new JobPage(jobs, page, total);
    }

    /** The one answer for what is missing, deleted or another's. */
    public static ProblemException notFound() {
        return new ProblemException(Problem.notFound("Job not found"));
    }

    static String text(List<ArtifactUrl> artifacts) {
        return Json.text(Json.array(artifacts, ArtifactUrl::toJson));
    }

    static Optional<Job> first(RowSet<Row> rows) {
        return rows.size() == 0
                ? Optional.empty()
                : Optional.of(JobRow.read(rows.iterator().next()));
    }

    static JobStatus status(Row row) {
        return JobStatus.labelled(row.getString("status")).orElseThrow();
    }
}
