package dev.sluice.jobs;

import dev.sluice.archive.EntryFilter;
import dev.sluice.archive.InvalidGlob;
import dev.sluice.delivery.ArchiveFormat;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/** How an archive is wanted: the query that all archives take. */
public final class ArchiveQuery {
    private ArchiveQuery() {}

    /** By {@code format}, else by the name under which it is to be saved. Throws 400. */
    public static ArchiveFormat format(RoutingContext ctx) {
        @Nullable String named = ctx.request().getParam("format");
        if (named != null) {
            return ArchiveFormat.parse(named)
                    .orElseThrow(() -> new ProblemException(Problem.badRequest("format must be zip or tar")));
        }
        @Nullable String trailing = ctx.pathParam(Downloads.TRAILING_NAME);
        return trailing != null && trailing.endsWith(".tar") ? ArchiveFormat.TAR : ArchiveFormat.ZIP;
    }

    /** By {@code include} and {@code exclude}. Throws 400. */
    public static EntryFilter filter(RoutingContext ctx) {
        try {
            return EntryFilter.of(ctx.queryParam("include"), ctx.queryParam("exclude"));
        } catch (InvalidGlob invalid) {
            throw new ProblemException(
                    Problem.badRequest("include and exclude take at most 64 globs: " + invalid.getMessage()));
        }
    }
}
