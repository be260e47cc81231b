package dev.sluice.ingest;

import dev.sluice.ingest.FetchFailed.Reason;
import dev.sluice.storage.Fingerprint;
import dev.sluice.storage.StorageFull;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
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
    private final long started = System.nanoTime();

    private volatile @Nullable Partial partial;
    private volatile FetchProgress.Phase phase = FetchProgress.Phase.DOWNLOADING;
    private @Nullable Attempt attempt;
    private int connections;
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
                    attempt(
                            opened,
                            new Tries(
                                    request.sources(),
                                    engine.limits(),
                                    engine.surroundings().jitter(),
                                    opened.bytes()));
                })
                .onFailure(failure -> result.fail(disk(failure))));
    }

    private void attempt(Partial here, Tries tries) {
        if (stop.future().isComplete()) {
            end(here, stop.future().cause());
            return;
        }
        Attempt next = new Attempt(
                request,
                tries.source(),
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
                verify(here, tries);
            } else {
                failed(here, tries, ended.cause());
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

    private void failed(Partial here, Tries tries, Throwable cause) {
        if (cause instanceof Attempt.NotSideBySide) {
            connections = 1;
            here.join();
            attempt(here, tries);
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
                .onSuccess(bytes -> goOn(here, tries, why, tries.failed(why, bytes)))
                .onFailure(failure -> end(here, disk(failure)));
    }

    private void goOn(Partial here, Tries tries, FetchFailed why, Tries.Next next) {
        if (next instanceof Tries.Over over) {
            end(here, over.why());
            return;
        }
        if (next instanceof Tries.Again again) {
            log.info(
                    "Fetch of {}: {}; tried again in {} ms",
                    label(),
                    why.getMessage(),
                    again.pause().toMillis());
            if (!again.pause().isZero()) {
                Promise<Void> over = Promise.promise();
                engine.surroundings().pauses().pause(again.pause()).onComplete(rested -> over.tryComplete());
                stop.future().onComplete(stopped -> over.tryComplete());
                over.future().onComplete(then -> context.runOnContext(turn -> attempt(here, tries)));
                return;
            }
        } else {
            log.info("Fetch of {}: {}; the next source is asked", label(), why.getMessage());
            connections = request.connections();
        }
        attempt(here, tries);
    }

    private void verify(Partial here, Tries tries) {
        phase = FetchProgress.Phase.VERIFYING;
        engine.worker()
                .executeBlocking(here::finish, false)
                .onSuccess(fingerprint -> verified(here, tries, fingerprint))
                .onFailure(failure -> end(here, disk(failure)));
    }

    private void verified(Partial here, Tries tries, Fingerprint fingerprint) {
        if (stop.future().isComplete()) {
            end(here, stop.future().cause());
            return;
        }
        Optional<FetchFailed> wrong = wrong(label(tries.source()), fingerprint);
        if (wrong.isEmpty()) {
            log.info(
                    "Fetched {}: {} bytes in {} ms",
                    label(),
                    fingerprint.size(),
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started));
            result.complete(new FetchedFile(here, fingerprint));
            return;
        }
        phase = FetchProgress.Phase.DOWNLOADING;
        engine.worker()
                .executeBlocking(
                        () -> {
                            here.forget();
                            return wrong.get();
                        },
                        false)
                .onSuccess(why -> goOn(here, tries, why, tries.wrong(why)))
                .onFailure(failure -> end(here, disk(failure)));
    }

    private Optional<FetchFailed> wrong(String source, Fingerprint fingerprint) {
        if (request.size().isPresent() && request.size().getAsLong() != fingerprint.size()) {
            return Optional.of(new FetchFailed(
                    Reason.WRONG_LENGTH, source + " gave " + fingerprint.size() + " bytes, not as many as promised"));
        }
        return request.sha256()
                .filter(known -> !known.equals(fingerprint.sha256()))
                .map(known -> new FetchFailed(
                        Reason.WRONG_DIGEST, source + " gave bytes whose SHA-256 is not the one promised"));
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

    private String label() {
        return label(request.sources().get(0));
    }

    private static String label(String source) {
        try {
            return Target.of(source).label();
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
