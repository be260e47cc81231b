package dev.sluice.jobs;

import dev.sluice.access.Authenticated;
import dev.sluice.access.Scope;
import dev.sluice.archive.EntryName;
import dev.sluice.archive.InvalidEntryName;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import dev.sluice.storage.Workspace;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/** What an upload says of itself before its body is read. */
record UploadRequest(JobId job, EntryName path, DigestPromise promise, Precondition precondition) {
    /**
     * Refuses what can be refused before a byte of the body is read.
     *
     * @param maxSize of one file, in bytes
     */
    static UploadRequest read(RoutingContext ctx, long maxSize) {
        Scopes.require(Authenticated.subject(ctx), Scope.INGEST);
        MultiMap headers = ctx.request().headers();
        JobId job = JobId.parse(ctx.pathParam(JobHandlers.JOB_ID)).orElseThrow(JobQueries::notFound);
        if (headers.contains(HttpHeaders.CONTENT_ENCODING)
                && !headers.get(HttpHeaders.CONTENT_ENCODING).equalsIgnoreCase("identity")) {
            throw new ProblemException(
                    Problem.unsupportedMediaType("Files are taken as they are, without content coding"));
        }
        if (headers.contains(HttpHeaders.CONTENT_RANGE)) {
            // RFC 9110 §14.4: a server that ignored it would take a part for the whole.
            throw new ProblemException(Problem.badRequest("Partial uploads are not supported"));
        }
        @Nullable String length = headers.get(HttpHeaders.CONTENT_LENGTH);
        if (length != null && Long.parseLong(length) > maxSize) {
            throw tooLarge(maxSize);
        }
        return new UploadRequest(job, path(ctx), DigestPromise.read(headers), Precondition.read(ctx.request()));
    }

    static ProblemException tooLarge(long maxSize) {
        return new ProblemException(Problem.tooLarge("A file may have at most " + maxSize + " bytes"));
    }

    private static EntryName path(RoutingContext ctx) {
        try {
            EntryName path = EntryName.parse(ctx.pathParam(Downloads.PATH));
            if (path.value().chars().filter(c -> c == '/').count() >= Workspace.MAX_LEVELS) {
                throw new ProblemException(Problem.badRequest(
                        "Invalid file path: more than " + Workspace.MAX_LEVELS + " levels of directories"));
            }
            return path;
        } catch (InvalidEntryName invalid) {
            throw new ProblemException(Problem.badRequest("Invalid file path: " + invalid.getMessage()));
        }
    }
}
