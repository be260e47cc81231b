package dev.sluice.jobs;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sluice.delivery.ArchiveFormat;
import dev.sluice.delivery.Representation;
import dev.sluice.http.EntityTag;
import dev.sluice.http.PinnedVersion;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Plans of large archives, kept for a moment for requests that name the plan's tag, so that a client's thousand ranges do not
 * walk a large directory a thousand times. A plan is older than the directory by five seconds at most; each file that it sends
 * is compared with the plan when it is opened, as ever. Any thread.
 */
final class PinnedPlans {
    /** Smaller ones are planned anew each time: that is as quick, and notices a change at once. Entries. */
    private static final int LARGE = 256;

    /** Entries of all plans that are kept. */
    private static final long CAPACITY = 500_000;

    private static final Duration KEPT = Duration.ofSeconds(5);

    private final Cache<Pin, Representation> plans = Caffeine.newBuilder()
            .maximumWeight(CAPACITY)
            .<Pin, Representation>weigher((pin, plan) -> plan.entries())
            .expireAfterWrite(KEPT)
            .build();

    /** What a URL names, for one owner and one range policy. */
    record Resource(
            String owner,
            JobId job,
            boolean terminal,
            ArchiveFormat format,
            String basename,
            List<String> include,
            List<String> exclude) {
        static Resource of(RoutingContext ctx, Job job, ArchiveFormat format, String basename) {
            return new Resource(
                    job.owner(),
                    job.id(),
                    job.status().terminal(),
                    format,
                    basename,
                    List.copyOf(ctx.queryParam("include")),
                    List.copyOf(ctx.queryParam("exclude")));
        }
    }

    private record Pin(Resource resource, EntityTag tag) {}

    /** The plan that the request is pinned to, by {@code ?v=}, {@code If-Match} or {@code If-Range}. */
    Optional<Representation> find(Resource resource, HttpServerRequest request) {
        return tag(request).map(tag -> plans.getIfPresent(new Pin(resource, tag)));
    }

    void keep(Resource resource, Representation plan) {
        if (plan.entries() >= LARGE) {
            plans.put(new Pin(resource, plan.tag()), plan);
        }
    }

    private static Optional<EntityTag> tag(HttpServerRequest request) {
        @Nullable String version = request.getParam("v");
        if (version != null) {
            return PinnedVersion.parse(version).map(PinnedVersion::tag);
        }
        @Nullable String ifMatch = request.getHeader("If-Match");
        @Nullable String ifRange = request.getHeader("If-Range");
        if (ifMatch != null) {
            return EntityTag.parse(ifMatch);
        }
        return ifRange == null ? Optional.empty() : EntityTag.parse(ifRange);
    }
}
