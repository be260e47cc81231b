package dev.sluice.ingest;

import dev.sluice.ingest.FetchFailed.Reason;
import dev.sluice.ingest.FetchFailed.Then;
import dev.sluice.storage.Fingerprint;
import dev.sluice.storage.StorageFull;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A fetch under way: tries its sources one after the other, each as often as its failures allow, and checks what came. The public
 * methods may be called from any thread; everything else runs on the fetch's own event loop.
 */
public final class Fetch {
    private static final Logger log = LoggerFactory.getLogger(Fetch.class);

    /** With this much more on disk than before, a try was not in vain. Bytes. */
    private static final long PROGRESS = 1 << 20;

    /** Looks for a stall so often in its timeout. */
    private static final int WATCHES = 8;

    /** What all fetches of one fetcher share. */
    record Engine(
            Vertx vertx,
            WorkerExecutor worker,
            Partials partials,
            Upstream upstream,
            FetchLimits limits,
            Surroundings surroundings) {}

    private final FetchRequest request;
    private final Engine engine;
    private final Context context;
    private final Space space;
    private final Pacer pacer;
    private final Promise<FetchedFile> result = Promise.promise();
    private final Promise<Void> stop = Promise.promise();
    private final Set<String> refusals = new LinkedHashSet<>();
    private final long started = System.nanoTime();

    private volatile @Nullable Partial partial;
    private volatile FetchProgress.Phase phase = FetchProgress.Phase.DOWNLOADING;
    private @Nullable Attempt attempt;
    private int connections;
    private int source;
    private int failures;
    private long best;
    private boolean spliced;
    private long quietSince;

    Fetch(FetchRequest request, Engine engine) {
        this.request = request;
        this.engine = engine;
        this.context = engine.vertx().getOrCreateContext();
        this.space = new Space(
                engine.partials().directory(),
                engine.limits(),
                engine.surroundings().freeSpace());
        this.pacer = new Pacer(request.bytesPerSecond(), engine.surroundings().nanos());
        this.connections = request.connections();
    }

    /** The file, which belongs to the caller; or {@link FetchFailed}. */
    public Future<FetchedFile> result() {
        return result.future();
    }

    public FetchProgress progress() {
        Partial here = partial;
        return here == null
                ? new FetchProgress(phase, 0, OptionalLong.empty())
                : new FetchProgress(
                        phase, here.bytes(), here.origin().map(Origin::total).orElse(OptionalLong.empty()));
    }

    /** Ends it with {@link Reason#CANCELLED}, unless it has ended. What can be resumed is kept. */
    public void cancel() {
        context.runOnContext(turn -> {
            if (stop.tryFail(new FetchFailed(Reason.CANCELLED, "The fetch was cancelled")) && attempt != null) {
                attempt.fail(stop.future().cause());
            }
        });
    }

    void start() {
        context.runOnContext(turn -> engine.worker()
                .executeBlocking(() -> engine.partials().open(request.key()), false)
                .onSuccess(opened -> {
                    partial = opened;
                    best = opened.bytes();
                    spliced = best > 0;
                    attempt(opened);
                })
                .onFailure(failure -> result.fail(disk(failure))));
    }

    private void attempt(Partial here) {
        if (stop.future().isComplete()) {
            end(here, stop.future().cause());
            return;
        }
        Attempt next = new Attempt(
                request,
                request.sources().get(source),
                connections,
                engine.upstream(),
                engine.limits(),
                new Body.Sink(
                        here,
                        space,
                        pacer,
                        engine.worker(),
                        engine.surroundings().pauses(),
                        this::progressed));
        attempt = next;
        progressed(Duration.ZERO);
        long watch = engine.vertx()
                .setPeriodic(Math.max(5, engine.limits().stallTimeout().toMillis() / WATCHES), tick -> watch(next));
        next.run().onComplete(ended -> {
            engine.vertx().cancelTimer(watch);
            attempt = null;
            if (ended.succeeded()) {
                verify(here);
            } else {
                failed(here, ended.cause());
            }
        });
    }

    /** @param until nothing is read for so long, by our own will */
    private void progressed(Duration until) {
        quietSince = engine.surroundings().nanos().getAsLong() + until.toNanos();
    }

    private void watch(Attempt running) {
        Duration quiet = Duration.ofNanos(engine.surroundings().nanos().getAsLong() - quietSince);
        if (quiet.compareTo(engine.limits().stallTimeout()) > 0) {
            running.fail(new FetchFailed(
                    Reason.STALLED,
                    "Nothing came for " + engine.limits().stallTimeout().toSeconds() + " s"));
        }
    }

    private void failed(Partial here, Throwable cause) {
        if (cause instanceof Attempt.NotSideBySide) {
            connections = 1;
            here.join();
            attempt(here);
            return;
        }
        FetchFailed why = disk(cause);
        // What is here survives our own end from now on, and a failure of the disk shows here.
        engine.worker()
                .executeBlocking(
                        () -> {
                            here.checkpoint();
                            return here.bytes();
                        },
                        false)
                .onSuccess(bytes -> decide(here, why, bytes))
                .onFailure(failure -> end(here, disk(failure)));
    }

    private void decide(Partial here, FetchFailed why, long bytes) {
        spliced = bytes > 0;
        failures = bytes - best >= PROGRESS ? 1 : failures + 1;
        best = Math.max(best, bytes);
        boolean patient = why.retryAfter()
                .filter(wait -> wait.compareTo(engine.limits().longestRetryAfter()) > 0)
                .isEmpty();
        if (why.then() == Then.GIVE_UP) {
            end(here, why);
        } else if (why.then() == Then.RETRY
                && patient
                && failures < engine.limits().attempts()) {
            Duration pause = pause(why.retryAfter());
            log.info("Fetch of {}: {}; tried again in {} ms", label(), why.getMessage(), pause.toMillis());
            Future.any(engine.surroundings().pauses().pause(pause), stop.future())
                    .onComplete(over -> attempt(here));
        } else {
            nextSource(here, why);
        }
    }

    private void nextSource(Partial here, FetchFailed why) {
        refusals.add(why.getMessage());
        log.info("Fetch of {}: {}; given up", label(), why.getMessage());
        source++;
        failures = 0;
        connections = request.connections();
        if (source < request.sources().size()) {
            attempt(here);
        } else {
            end(here, new FetchFailed(why.reason(), String.join("; ", refusals)));
        }
    }

    /** Doubled with each failure; between half and all of it, so that many clients do not come in step. */
    private Duration pause(Optional<Duration> retryAfter) {
        FetchLimits limits = engine.limits();
        long doubled = limits.firstPause().toMillis() << Math.min(20, failures - 1);
        long most = Math.min(limits.longestPause().toMillis(), doubled);
        Duration ours = Duration.ofMillis(
                (long) (most * (1 + engine.surroundings().jitter().getAsDouble()) / 2));
        return retryAfter.filter(told -> told.compareTo(ours) > 0).orElse(ours);
    }

    private void verify(Partial here) {
        phase = FetchProgress.Phase.VERIFYING;
        engine.worker()
                .executeBlocking(here::finish, false)
                .onSuccess(fingerprint -> verified(here, fingerprint))
                .onFailure(failure -> end(here, disk(failure)));
    }

    private void verified(Partial here, Fingerprint fingerprint) {
        boolean length = request.size().isEmpty() || request.size().getAsLong() == fingerprint.size();
        boolean digest = request.sha256()
                .filter(known -> !known.equals(fingerprint.sha256()))
                .isEmpty();
        if (length && digest && !stop.future().isComplete()) {
            log.info(
                    "Fetched {}: {} bytes in {} ms",
                    label(),
                    fingerprint.size(),
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started));
            result.complete(new FetchedFile(here, fingerprint));
            return;
        }
        phase = FetchProgress.Phase.DOWNLOADING;
        Target target = target();
        FetchFailed why = length
                ? new FetchFailed(Reason.WRONG_DIGEST, target + " gave bytes whose SHA-256 is not the one promised")
                : new FetchFailed(
                        Reason.WRONG_LENGTH,
                        target + " gave " + fingerprint.size() + " bytes, not as many as promised");
        boolean once = spliced;
        engine.worker()
                .executeBlocking(
                        () -> {
                            here.forget();
                            return why;
                        },
                        false)
                .onSuccess(forgotten -> {
                    best = 0;
                    spliced = false;
                    if (once) {
                        // Two versions may have met in it; of one piece it may be right.
                        log.info("Fetch of {}: {}; fetched again in one piece", label(), why.getMessage());
                        attempt(here);
                    } else {
                        nextSource(here, why);
                    }
                })
                .onFailure(failure -> end(here, disk(failure)));
    }

    private void end(Partial here, Throwable why) {
        engine.worker()
                .executeBlocking(
                        () -> {
                            here.close();
                            return why;
                        },
                        false)
                .onComplete(closed -> {
                    if (closed.failed()) {
                        log.warn("A partial file could not be kept for later", closed.cause());
                    }
                    result.fail(why);
                });
    }

    private Target target() {
        try {
            return Target.of(request.sources().get(source));
        } catch (FetchFailed impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private String label() {
        try {
            return Target.of(request.sources().get(0)).label();
        } catch (FetchFailed malformed) {
            return "a malformed URL";
        }
    }

    private static FetchFailed disk(Throwable failure) {
        if (failure instanceof FetchFailed known) {
            return known;
        }
        if (failure instanceof StorageFull) {
            return new FetchFailed(Reason.NO_SPACE, "There is no space left for the file");
        }
        log.error("A fetch failed for a reason of this server", failure);
        return new FetchFailed(Reason.DISK, "The server could not store the file");
    }
}
