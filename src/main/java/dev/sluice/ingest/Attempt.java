package dev.sluice.ingest;

import dev.sluice.ingest.FetchFailed.Reason;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpClientRequest;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One try of one source: asks for what is missing, judges the answers and lets their bodies in. When it has ended, well or not, no byte
 * is on its way any more. Event loop.
 */
final class Attempt {
    /** The upstream gave the file but not its ranges side by side. */
    static final class NotSideBySide extends Exception {
        private static final long serialVersionUID = 1L;

        NotSideBySide() {
            super("no ranges side by side", null, false, false);
        }
    }

    private final FetchRequest request;
    private final String source;
    private final int connections;
    private final Upstream upstream;
    private final FetchLimits limits;
    private final Body.Sink sink;
    private final Promise<Void> outcome = Promise.promise();
    private final List<HttpClientRequest> requests = new ArrayList<>();
    private final List<Body> bodies = new ArrayList<>();
    private int missing;

    Attempt(
            FetchRequest request,
            String source,
            int connections,
            Upstream upstream,
            FetchLimits limits,
            Body.Sink sink) {
        this.request = request;
        this.source = source;
        this.connections = connections;
        this.upstream = upstream;
        this.limits = limits;
        this.sink = sink;
    }

    /** Completes when the file is whole on disk; fails with {@link FetchFailed}, {@link NotSideBySide} or what the disk said. */
    Future<Void> run() {
        Optional<Origin> begun = sink.partial()
                .origin()
                .filter(origin ->
                        origin.source().equals(source) && sink.partial().resumable());
        if (begun.isEmpty()) {
            upstream.get(source, Optional.empty(), this::started)
                    .onSuccess(this::whole)
                    .onFailure(this::fail);
        } else if (sink.partial().complete()) {
            outcome.complete();
        } else {
            resume(begun.get());
        }
        return outcome.future().transform(this::settle);
    }

    /** Ends it, if it has not ended. */
    void fail(Throwable why) {
        outcome.tryFail(why);
    }

    private void started(HttpClientRequest sent) {
        if (outcome.future().isComplete()) {
            sent.reset();
        } else {
            requests.add(sent);
        }
    }

    private Future<Void> settle(AsyncResult<Void> ended) {
        Throwable why = ended.failed() ? ended.cause() : new IllegalStateException("over");
        List<Future<Void>> quiet = bodies.stream().map(body -> body.abort(why)).toList();
        requests.forEach(HttpClientRequest::reset);
        return Future.join(quiet)
                .transform(all -> ended.failed() ? Future.failedFuture(why) : Future.succeededFuture());
    }

    private void resume(Origin origin) {
        List<Segment> open = sink.partial().segments().stream()
                .filter(segment -> !segment.complete())
                .toList();
        Segment lead = open.get(0);
        upstream.get(source, Optional.of(rest(origin, lead)), this::started)
                .onSuccess(answer -> {
                    Head head = new Head(answer);
                    switch (head.status()) {
                        case 206 -> {
                            if (lets(answer, origin, lead)) {
                                missing = open.size();
                                receive(answer, lead, head.rangeLength(), false);
                                open.subList(1, open.size()).forEach(segment -> follow(origin, segment));
                            }
                        }
                        case 416 -> forgetAnd(new FetchFailed(Reason.CHANGED, answer.target() + " has become shorter"));
                        default -> whole(answer);
                    }
                })
                .onFailure(this::fail);
    }

    /** Whether a 206 goes on with what was begun; when it does not, there is nothing to go on with. */
    private boolean lets(Upstream.Answer answer, Origin origin, Segment segment) {
        Head head = new Head(answer);
        try {
            head.requireIdentity();
        } catch (FetchFailed coded) {
            fail(coded);
            return false;
        }
        if (!head.continues(origin, segment)) {
            forgetAnd(new FetchFailed(Reason.CHANGED, answer.target() + " gave a range that was not asked for"));
            return false;
        }
        return true;
    }

    private void forgetAnd(FetchFailed why) {
        sink.worker()
                .executeBlocking(
                        () -> {
                            sink.partial().forget();
                            return why;
                        },
                        false)
                .onSuccess(this::fail)
                .onFailure(this::fail);
    }

    private static Upstream.Condition rest(Origin origin, Segment segment) {
        return new Upstream.Condition(
                "bytes=" + segment.position() + "-" + (segment.end() - 1),
                origin.tag().orElseThrow());
    }

    /** The answer to a request for everything; also where a range was asked for, and the upstream knows none or has a new version. */
    private void whole(Upstream.Answer answer) {
        Head head = new Head(answer);
        if (head.status() == 206) {
            fail(new FetchFailed(Reason.BAD_ANSWER, answer.target() + " gave a range that was not asked for"));
            return;
        }
        if (head.status() != 200) {
            fail(head.refusal(Clock.systemUTC()));
            return;
        }
        Origin origin;
        try {
            head.requireIdentity();
            origin = new Origin(source, head.tag(), length(answer.target(), head));
        } catch (FetchFailed unacceptable) {
            fail(unacceptable);
            return;
        }
        List<Segment> ranges = ranges(origin, head);
        sink.worker()
                .executeBlocking(
                        () -> {
                            sink.partial().restart(origin, ranges);
                            sink.space()
                                    .require(origin.total()
                                            .orElseGet(() -> request.sizeHint().orElse(0)));
                            return ranges;
                        },
                        false)
                .onSuccess(ready -> {
                    missing = ranges.size();
                    Segment lead = ranges.get(0);
                    long expected =
                            ranges.size() > 1 ? lead.end() : origin.total().orElse(Segment.OPEN_END);
                    receive(answer, lead, expected, ranges.size() > 1);
                    ranges.subList(1, ranges.size()).forEach(segment -> follow(origin, segment));
                })
                .onFailure(this::fail);
    }

    private OptionalLong length(Target target, Head head) throws FetchFailed {
        OptionalLong length = head.length();
        if (length.isPresent() && request.size().isPresent() && !length.equals(request.size())) {
            throw new FetchFailed(
                    Reason.WRONG_LENGTH,
                    target + " has " + length.getAsLong() + " bytes and not the "
                            + request.size().getAsLong() + " that were promised");
        }
        if (length.orElse(0) > limits.maxFileSize()) {
            throw new FetchFailed(Reason.TOO_LARGE, target + " is larger than the server takes");
        }
        if (!head.delimited() && request.size().isEmpty() && request.sha256().isEmpty()) {
            throw new FetchFailed(Reason.BAD_ANSWER, target + " does not tell where the file ends");
        }
        return length;
    }

    private List<Segment> ranges(Origin origin, Head head) {
        if (origin.total().isEmpty()) {
            return List.of(new Segment(0, 0, Segment.OPEN_END));
        }
        long total = origin.total().getAsLong();
        boolean sideBySide = origin.resumable() && head.rangesOffered();
        long most = sideBySide ? Math.min(connections, total / limits.leastRange()) : 1;
        return Segment.cut(total, (int) Math.max(1, most));
    }

    private void follow(Origin origin, Segment segment) {
        upstream.get(source, Optional.of(rest(origin, segment)), this::started)
                .onSuccess(answer -> {
                    Head head = new Head(answer);
                    if (head.status() != 206 || !head.continues(origin, segment)) {
                        fail(new NotSideBySide());
                    } else if (lets(answer, origin, segment)) {
                        receive(answer, segment, head.rangeLength(), false);
                    }
                })
                .onFailure(refused -> fail(new NotSideBySide()));
    }

    private void receive(Upstream.Answer answer, Segment segment, long expected, boolean cut) {
        if (outcome.future().isComplete()) {
            return;
        }
        Body body = new Body(answer, segment, expected, cut, limits.maxFileSize(), sink);
        bodies.add(body);
        body.receive().onSuccess(whole -> received(answer, segment)).onFailure(this::fail);
    }

    private void received(Upstream.Answer answer, Segment segment) {
        if (segment.end() == Segment.OPEN_END) {
            sink.partial().ends(segment);
            outcome.tryComplete();
        } else if (!segment.complete()) {
            fail(new FetchFailed(Reason.UNREACHABLE, answer.target() + " gave less than was asked for"));
        } else if (--missing == 0) {
            outcome.tryComplete();
        }
    }
}
