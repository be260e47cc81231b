package dev.sluice.jobs;

import dev.sluice.database.DatabaseUnavailable;
import dev.sluice.delivery.Supervision;
import dev.sluice.delivery.Transfers;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import dev.sluice.metrics.Meters;
import dev.sluice.storage.ContentFacts;
import dev.sluice.storage.ContentHasher;
import dev.sluice.storage.ContentIndex;
import dev.sluice.storage.LiveFile;
import dev.sluice.storage.StagedUpload;
import dev.sluice.storage.StorageFull;
import dev.sluice.storage.Workspace;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.streams.Pipe;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * {@code PUT …/files/{path}}: a body streams into a staged file, is hashed on the way and becomes visible in one step when
 * it is whole and what its sender promised. Event loop; the file system on the worker.
 */
public final class Uploads {
    private final Vertx vertx;
    private final JobQueries jobs;
    private final Workspace workspace;
    private final ContentIndex index;
    private final OpenUploads open;
    private final WorkerExecutor workers;
    private final long maxSize;
    private final Supervision supervision;
    private final Transfers transfers;
    private final Meters meters;

    /** @param maxSize of one file, in bytes */
    public Uploads(
            Vertx vertx,
            JobQueries jobs,
            Workspace workspace,
            ContentIndex index,
            OpenUploads open,
            WorkerExecutor workers,
            long maxSize,
            Supervision supervision) {
        this.vertx = vertx;
        this.jobs = jobs;
        this.workspace = workspace;
        this.index = index;
        this.open = open;
        this.workers = workers;
        this.maxSize = maxSize;
        this.supervision = supervision;
        this.transfers = supervision.transfers();
        this.meters = supervision.meters();
    }

    /** Answers 201 for a new file and 204 for one that was replaced. */
    public Future<Void> put(RoutingContext ctx) {
        HttpServerRequest request = ctx.request();
        // Before anything is awaited: a body that breaks off meanwhile is told to its pipe, or to nobody.
        Pipe<Buffer> body = request.pipe().endOnComplete(false);
        if (request.response().closed()) {
            return Future.failedFuture(new ClosedChannelException());
        }
        return Future.<UploadRequest>future(read -> {
                    if (transfers.draining()) {
                        throw new ProblemException(
                                Problem.unavailable("The server is stopping", Duration.ofSeconds(1)));
                    }
                    read.complete(UploadRequest.read(ctx, maxSize));
                })
                .compose(upload -> jobs.locate(upload.job())
                        // The share is that of whom the content is for: trainers work for many.
                        .compose(job -> supervision.ingest(
                                job.owner(), () -> open.during(job.id(), () -> receive(request, body, job, upload)))))
                .onFailure(refused -> letGo(request));
    }

    private Future<Void> receive(HttpServerRequest request, Pipe<Buffer> body, Job job, UploadRequest upload) {
        return onWorker(() -> new Target(
                        workspace.find(job.id().value(), upload.path()),
                        workspace.stage(
                                job.id().value(),
                                upload.path(),
                                new ContentHasher(upload.promise().wantsSha512()))))
                .compose(target -> met(upload, target)
                        .compose(met -> stream(request, body, target.staged()))
                        .compose(written -> onWorker(() -> {
                            upload.promise().requireKept(target.staged().fingerprint());
                            // Again: the body may have taken hours (RFC 9110 §13.2.1: the method is performed now).
                            return target.staged().commit(upload.precondition()::require);
                        }))
                        .recover(failure -> cancel(target.staged(), failure))
                        .compose(file -> remember(
                                job.owner(),
                                file,
                                ContentFacts.of(target.staged().fingerprint())))
                        .compose(indexed ->
                                answer(request, job, upload, target.current().isPresent())));
    }

    /** The file is in its place already: what could not be remembered of it is found out again on demand. */
    private Future<ContentFacts> remember(String owner, LiveFile file, ContentFacts facts) {
        return index.recordOwn(owner, file, facts)
                .recover(failure -> failure instanceof DatabaseUnavailable
                        ? Future.succeededFuture(facts)
                        : Future.failedFuture(failure));
    }

    private record Target(Optional<LiveFile> current, StagedUpload staged) {}

    /** Before the body is asked for; after all that would refuse the request anyway (RFC 9110 §13.2.1). */
    private static Future<Void> met(UploadRequest upload, Target target) {
        return Future.future(met -> {
            upload.precondition().require(target.current());
            met.complete();
        });
    }

    private Future<Void> stream(HttpServerRequest request, Pipe<Buffer> body, StagedUpload staged) {
        OpenOptions existing = new OpenOptions().setRead(false).setWrite(true).setCreate(false);
        return vertx.fileSystem().open(staged.path().toString(), existing).compose(file -> {
            HashedFile hashed = new HashedFile(file, staged, maxSize);
            return continued(request)
                    .compose(ready -> new ReceivedBody(body, staged).into(hashed, transfers, meters))
                    .compose(piped -> hashed.flush())
                    .eventually(file::close);
        });
    }

    /** RFC 9110 §10.1.1: asked for only now, when the upload would be taken. */
    private static Future<Void> continued(HttpServerRequest request) {
        @Nullable String expectation = request.getHeader(HttpHeaders.EXPECT);
        return expectation != null && expectation.equalsIgnoreCase("100-continue")
                ? request.response().writeContinue()
                : Future.succeededFuture();
    }

    private Future<LiveFile> cancel(StagedUpload staged, Throwable failure) {
        return onWorker(() -> {
                    staged.cancel();
                    return failure instanceof IOException io ? StorageFull.orCause(io, staged.path()) : failure;
                })
                .compose(Future::failedFuture);
    }

    private static Future<Void> answer(HttpServerRequest request, Job job, UploadRequest upload, boolean replaced) {
        if (!replaced) {
            request.response()
                    .putHeader(
                            HttpHeaders.LOCATION,
                            JobUrls.file(job.id(), upload.path().value()));
        }
        return request.response().setStatusCode(replaced ? 204 : 201).end();
    }

    /**
     * A refused body is not read to its end: the connection goes with it, and of HTTP/2, which has no such field (RFC 9113
     * §8.2.2), the stream.
     */
    private static void letGo(HttpServerRequest request) {
        if (!request.isEnded() && request.version() != HttpVersion.HTTP_2) {
            request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        request.resume();
    }

    private <T> Future<T> onWorker(Callable<T> work) {
        return workers.executeBlocking(work, false);
    }
}
