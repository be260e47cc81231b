package dev.sluice.jobs;

import dev.sluice.access.Authenticated;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;

/** The job that a request names, if it is the subject's own; what is missing or another's is one answer. Event loop. */
public final class OwnedJobs {
    private final JobQueries jobs;

    public OwnedJobs(JobQueries jobs) {
        this.jobs = jobs;
    }

    /** Fails with 404 {@code Job not found}. */
    Future<Job> job(RoutingContext ctx) {
        return JobId.parse(ctx.pathParam(JobHandlers.JOB_ID))
                .map(id -> jobs.recent(Authenticated.subject(ctx).owner(), id))
                .orElseGet(() -> Future.failedFuture(JobQueries.notFound()));
    }
}
