package dev.sluice.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.access.Authenticated;
import dev.sluice.access.Scope;
import dev.sluice.access.Subject;
import dev.sluice.http.Paging;
import dev.sluice.http.ProblemException;
import dev.sluice.storage.Workspace;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The JSON calls on jobs, one method a route, on the event loop. Each future completes when the answer is written, or fails with
 * nothing written: {@link ProblemException} for what the client should know. Routes put the job's id into the path parameter
 * {@value #JOB_ID}, the subject into the context (it is authenticated before), and a body handler before the calls that have one.
 */
public final class JobHandlers {
    public static final String JOB_ID = "job_id";

    /** Bytes of a body from which on it is parsed on a worker. */
    private static final int LARGE_BODY = 32 * 1024;

    private static final int MAX_METRICS = MetricPoint.MAX_POINTS;

    private final JobQueries jobs;
    private final MetricQueries metrics;
    private final WorkspaceListing workspace;
    private final WorkerExecutor workers;
    private final Consumer<Job> completed;

    /**
     * Directories are walked and large bodies parsed on the workers.
     *
     * @param completed is told of each job that has just completed
     */
    public JobHandlers(
            JobQueries jobs,
            MetricQueries metrics,
            Workspace workspace,
            WorkerExecutor workers,
            Consumer<Job> completed) {
        this.completed = completed;
        this.jobs = jobs;
        this.metrics = metrics;
        this.workspace = new WorkspaceListing(workspace);
        this.workers = workers;
    }

    /** {@code POST /api/training/jobs}: 201 with the job and its Location. */
    public Future<Void> register(RoutingContext ctx) {
        return trainer(ctx)
                .compose(trainer -> parsed(ctx, body -> JobRegistration.read(body, trainer.owner())))
                .compose(jobs::register)
                .compose(job -> {
                    ctx.response().putHeader(HttpHeaders.LOCATION, JobUrls.job(job.id()));
                    return send(ctx, 201, job.toJson());
                });
    }

    /** {@code PATCH /api/training/jobs/{job_id}}: 200 with the job as it is now. */
    public Future<Void> patch(RoutingContext ctx) {
        return trainer(ctx)
                .compose(trainer -> parsed(ctx, JobPatch::read)
                        .compose(patch -> jobs.patch(
                                        id(ctx),
                                        patch,
                                        trainer.owner(),
                                        ctx.response().headers().get("X-Request-Id"))
                                .onSuccess(job -> {
                                    // Other artifacts are another publication.
                                    if (job.status() == JobStatus.COMPLETED
                                            && (patch.status() != null || patch.artifacts() != null)) {
                                        completed.accept(job);
                                    }
                                })))
                .compose(job -> send(ctx, 200, job.toJson()));
    }

    /** {@code POST /api/training/jobs/{job_id}/metrics}: 200 with how many points were taken. */
    public Future<Void> metrics(RoutingContext ctx) {
        return trainer(ctx)
                .compose(trainer -> parsed(ctx, MetricPoint::readList))
                .compose(points -> metrics.write(id(ctx), points).map(points.size()))
                .compose(accepted -> send(ctx, 200, Json.object().put("accepted", accepted)));
    }

    /** {@code GET /api/training/jobs?page&limit&status}: the subject's own, newest first. */
    public Future<Void> list(RoutingContext ctx) {
        return Future.succeededFuture(Authenticated.subject(ctx))
                .compose(subject -> {
                    MultiMap query = ctx.queryParams();
                    Faults faults = Faults.ofQuery();
                    Paging page = Paging.from(query::getAll, faults::add);
                    JobStatus status = status(query, faults);
                    faults.raise();
                    return jobs.list(subject.owner(), status, page);
                })
                .compose(page -> send(ctx, 200, page.toJson()));
    }

    private static @Nullable JobStatus status(MultiMap query, Faults faults) {
        Optional<String> label = QueryParameters.text(query, "status", faults);
        Optional<JobStatus> status = label.flatMap(JobStatus::labelled);
        if (label.isPresent() && status.isEmpty()) {
            faults.add("status", "must be one of " + JobStatus.labels());
        }
        return status.orElse(null);
    }

    /** {@code GET /api/training/jobs/{job_id}}. */
    public Future<Void> get(RoutingContext ctx) {
        return owned(ctx).compose(job -> send(ctx, 200, job.json()));
    }

    /** {@code GET /api/training/{job_id}/leaderboard}. */
    public Future<Void> leaderboard(RoutingContext ctx) {
        return listed(ctx, workspace::leaderboard);
    }

    /** {@code GET /api/training/{job_id}/tail?after}: what the log says from that byte on, and the progress; for looking on, not for keeping. */
    public Future<Void> tail(RoutingContext ctx) {
        return Future.succeededFuture(ctx.queryParams()).compose(query -> {
            Faults faults = Faults.ofQuery();
            long after = QueryParameters.integer(query, "after", 0, 0, Long.MAX_VALUE, faults);
            faults.raise();
            return listed(ctx, id -> workspace.tail(id, after));
        });
    }

    /**
     * {@code GET /api/training/{job_id}/metrics?after&limit}: points by step; {@code next_after} continues where a full answer ends,
     * and is null when it was the last.
     */
    public Future<Void> metricsOf(RoutingContext ctx) {
        return Future.succeededFuture(Authenticated.subject(ctx)).compose(subject -> {
            MultiMap query = ctx.queryParams();
            Faults faults = Faults.ofQuery();
            long after = QueryParameters.integer(query, "after", -1, -1, Long.MAX_VALUE, faults);
            int limit = (int) QueryParameters.integer(query, "limit", MAX_METRICS, 1, MAX_METRICS, faults);
            faults.raise();
            return metrics.list(subject.owner(), id(ctx), after, limit)
                    .compose(points -> workers.executeBlocking(() -> Json.buffer(metricPage(points, limit)), false))
                    .compose(json -> send(ctx, 200, json));
        });
    }

    private static JsonNode metricPage(List<MetricPoint> points, int limit) {
        ObjectNode json = Json.object();
        json.set("metrics", Json.array(points, MetricPoint::toJson));
        Long last = points.size() < limit ? null : points.get(points.size() - 1).step();
        return json.put("next_after", last);
    }

    /** Something of the workspace of a job that is the subject's. */
    private Future<Void> listed(RoutingContext ctx, WorkspaceCall call) {
        return owned(ctx)
                .compose(job -> workers.executeBlocking(
                        () -> Json.buffer(call.of(job.job().id())), false))
                .compose(json -> send(ctx, 200, json));
    }

    @FunctionalInterface
    private interface WorkspaceCall {
        JsonNode of(JobId id) throws Exception;
    }

    private Future<KnownJob> owned(RoutingContext ctx) {
        return Future.succeededFuture(Authenticated.subject(ctx))
                .compose(subject -> jobs.current(subject.owner(), id(ctx)));
    }

    /** What no job can be called is called by no job. */
    private static JobId id(RoutingContext ctx) {
        return JobId.parse(ctx.pathParam(JOB_ID)).orElseThrow(JobQueries::notFound);
    }

    /** The subject, if it may write jobs. */
    private static Future<Subject> trainer(RoutingContext ctx) {
        Subject subject = Authenticated.subject(ctx);
        return Future.future(checked -> {
            Scopes.require(subject, Scope.INGEST);
            checked.complete(subject);
        });
    }

    private <T> Future<T> parsed(RoutingContext ctx, Function<byte[], T> parse) {
        JsonMediaType.require(ctx.request().getHeader(HttpHeaders.CONTENT_TYPE));
        Buffer body = ctx.body().buffer();
        byte[] bytes = body == null ? new byte[0] : body.getBytes();
        return bytes.length < LARGE_BODY
                ? Future.succeededFuture(parse.apply(bytes))
                : workers.executeBlocking(() -> parse.apply(bytes), false);
    }

    private static Future<Void> send(RoutingContext ctx, int status, JsonNode json) {
        return send(ctx, status, Json.buffer(json));
    }

    public static Future<Void> send(RoutingContext ctx, int status, Buffer json) {
        return ctx.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                // Told to a HEAD as well, which gets no body.
                .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(json.length()))
                .end(json);
    }
}
