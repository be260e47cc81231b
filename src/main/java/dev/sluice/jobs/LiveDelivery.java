package dev.sluice.jobs;

import dev.sluice.access.Authenticated;
import dev.sluice.access.Caller;
import dev.sluice.archive.EntryFilter;
import dev.sluice.delivery.ArchiveFormat;
import dev.sluice.delivery.Arrival;
import dev.sluice.delivery.Asked;
import dev.sluice.delivery.Delivery;
import dev.sluice.delivery.LiveArchive;
import dev.sluice.delivery.LivePlans;
import dev.sluice.delivery.Representation;
import dev.sluice.http.RangePolicy;
import dev.sluice.storage.LiveFile;
import dev.sluice.storage.Snapshot;
import dev.sluice.storage.TooManyEntries;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Plans what was located in a job's workspace, as the query of the request wants it, and hands it to the engine. Event loop. */
public final class LiveDelivery {
    private static final Logger log = LoggerFactory.getLogger(LiveDelivery.class);

    private static final String FILE = "file";

    private final LivePlans plans;
    private final Delivery delivery;
    private final PinnedPlans pinned = new PinnedPlans();

    public LiveDelivery(LivePlans plans, Delivery delivery) {
        this.plans = plans;
        this.delivery = delivery;
    }

    /**
     * Delivers an archive.
     *
     * @param located walks what the archive takes; not asked when a pinned plan is still at hand
     * @param basename of the download, without extension
     */
    Future<Void> archive(
            RoutingContext ctx, Job job, Supplier<Future<Snapshot>> located, String kind, String basename) {
        Asked asked = asked(ctx, job, kind);
        return Future.<ArchiveFormat>future(parsed -> parsed.complete(ArchiveQuery.format(ctx)))
                .compose(format -> {
                    EntryFilter filter = ArchiveQuery.filter(ctx);
                    PinnedPlans.Resource resource = PinnedPlans.Resource.of(ctx, job, format, basename);
                    Optional<Representation> kept = pinned.find(resource, ctx.request());
                    return kept.isPresent()
                            ? Future.succeededFuture(kept.get())
                            : located.get()
                                    .compose(snapshot -> {
                                        log.info("Creating {} archive for {}... [{}]", format, kind, asked.id());
                                        return plan(job, snapshot, kind, basename, format, filter);
                                    })
                                    .onSuccess(plan -> {
                                        logCreated(plan, asked);
                                        pinned.keep(resource, plan);
                                    });
                })
                .compose(plan -> delivery.deliver(asked, plan))
                .recover(failure -> Future.failedFuture(isUnforeseen(failure) ? new ArchiveFailed(failure) : failure));
    }

    /** Of too many entries the client can ask for fewer. */
    private static boolean isUnforeseen(Throwable failure) {
        return failure instanceof IOException && !(failure instanceof TooManyEntries);
    }

    /** The plan of an archive that is not delivered now. */
    Future<Representation> plan(Job job, Snapshot snapshot, ArchiveFormat format, EntryFilter filter) {
        return plan(job, snapshot, "", "", format, filter);
    }

    private Future<Representation> plan(
            Job job, Snapshot snapshot, String kind, String basename, ArchiveFormat format, EntryFilter filter) {
        LiveArchive archive = new LiveArchive(
                job.owner(),
                job.id().value(),
                snapshot.subtree(),
                snapshot.files(),
                snapshot.emptyDirectories(),
                kind,
                basename,
                ranges(job));
        return plans.archive(archive, format, filter);
    }

    Future<Void> file(RoutingContext ctx, Job job, LiveFile file, String filename) {
        Asked asked = asked(ctx, job, FILE);
        return plans.file(job.owner(), file, FILE, filename, MediaTypes.of(filename), ranges(job))
                .compose(plan -> delivery.deliver(asked, plan));
    }

    private static Asked asked(RoutingContext ctx, Job job, String kind) {
        Asked asked = new Asked(
                ctx.request(),
                Caller.of(ctx).address(),
                Authenticated.subject(ctx).owner(),
                "job",
                job.id().value(),
                // What the client is told is what the log says.
                ctx.response().headers().get("X-Request-Id"),
                Arrival.of(ctx));
        if (ctx.request().method().equals(HttpMethod.GET)) {
            log.info("Download {} requested for job: {} [{}]", kind, job.id(), asked.id());
        }
        return asked;
    }

    private static void logCreated(Representation plan, Asked asked) {
        double megabytes = plan.layout().length() / 1e6;
        log.info(
                "{} archive created successfully ({} MB) [{}]",
                plan.kind().substring(0, 1).toUpperCase(Locale.ROOT)
                        + plan.kind().substring(1),
                String.format(Locale.ROOT, "%.1f", megabytes),
                asked.id());
    }

    /** While a job may still write, a range must say which version it continues. */
    private static RangePolicy ranges(Job job) {
        return job.status().terminal() ? RangePolicy.ALWAYS : RangePolicy.ONLY_WHEN_PINNED;
    }
}
