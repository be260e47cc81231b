package dev.sluice.catalog;

import dev.sluice.delivery.AdmissionRefused;
import dev.sluice.ingest.Fetch;
import dev.sluice.ingest.FetchProgress;
import dev.sluice.ingest.FetchRequest;
import dev.sluice.ingest.FetchedFile;
import dev.sluice.storage.Fingerprint;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One claimed download until its row says how it ended, or is another's. */
final class CatalogFetch {
    private static final Logger log = LoggerFactory.getLogger(CatalogFetch.class);

    private static final Duration DATABASE_RETRY = Duration.ofSeconds(1);

    /** Weight of the newest measurement. */
    private static final double SMOOTHING = 0.3;

    private final CatalogWorker.Parts parts;
    private final CatalogDownload held;
    private final Promise<Void> ended = Promise.promise();
    private volatile @Nullable Fetch fetch;
    private volatile boolean stopped;
    private volatile boolean lost;
    private volatile boolean refused;
    private boolean reporting;
    private long bytesBefore = -1;
    private long nanosBefore;
    private double speed;

    CatalogFetch(CatalogWorker.Parts parts, CatalogDownload held) {
        this.parts = parts;
        this.held = held;
    }

    /** Completes when nothing is left to do; fails only when the row cannot be told and the server stops. */
    Future<Void> run() {
        Optional<CatalogEntry> entry = parts.catalog().find(held.modelId());
        if (entry.isEmpty()) {
            return told(() -> parts.queries().fail(held, "The model is no longer in the catalog"));
        }
        parts.supervision().fetch(held.by(), () -> fetch(entry.get())).onFailure(failure -> {
            // As much is taken in already as may be: whichever replica has a place soon takes it.
            if (failure instanceof AdmissionRefused) {
                refused = true;
                told(() -> parts.queries().giveBack(held));
            } else if (!ended.future().isComplete()) {
                failed(failure);
            }
        });
        return ended.future();
    }

    /** Whether it was not begun, for want of a permit. */
    boolean refused() {
        return refused;
    }

    private Future<Void> fetch(CatalogEntry entry) {
        if (stopped) {
            // Given back already.
            return ended.future();
        }
        log.info("Download of catalog model {} begins", held.modelId());
        Fetch started = parts.fetcher().start(request(entry));
        fetch = started;
        if (stopped) {
            started.cancel();
        }
        long timer = parts.vertx().setPeriodic(parts.pace().report().toMillis(), tick -> report(started));
        started.result()
                .onComplete(done -> parts.vertx().cancelTimer(timer))
                .compose(file -> publish(entry, file), failure -> failed(failure));
        return ended.future();
    }

    private FetchRequest request(CatalogEntry entry) {
        return new FetchRequest(
                CatalogWorker.key(entry.id()),
                entry.urls(),
                OptionalLong.empty(),
                entry.size(),
                entry.sha256(),
                held.bytesPerSecond(),
                held.connections());
    }

    private Future<Void> publish(CatalogEntry entry, FetchedFile file) {
        Fingerprint fingerprint = file.fingerprint();
        return parts.worker()
                .executeBlocking(
                        () -> {
                            try (file) {
                                parts.files().keep(file);
                            }
                            return file;
                        },
                        false)
                .compose(
                        kept -> told(() -> parts.queries()
                                .complete(
                                        held,
                                        fingerprint.sha256(),
                                        fingerprint.size(),
                                        entry.sha256().isPresent())),
                        this::failed);
    }

    private Future<Void> failed(Throwable failure) {
        if (lost) {
            ended.tryComplete();
            return ended.future();
        }
        return stopped
                ? told(() -> parts.queries().giveBack(held))
                : told(() -> parts.queries().fail(held, CatalogWorker.reason(failure)));
    }

    /** The row hears of the end even when the database has to come back first. */
    private Future<Void> told(Supplier<Future<Optional<CatalogDownload>>> end) {
        end.get().onComplete(told -> {
            if (told.succeeded()) {
                told.result().ifPresentOrElse(CatalogFetch::logEnd, this::logLost);
                ended.tryComplete();
            } else if (stopped) {
                ended.tryFail(told.cause());
            } else {
                parts.vertx()
                        .timer(DATABASE_RETRY.toMillis(), TimeUnit.MILLISECONDS)
                        .onComplete(again -> told(end));
            }
        });
        return ended.future();
    }

    private static void logEnd(CatalogDownload download) {
        log.info(
                "Download of catalog model {}: {}{}",
                download.modelId(),
                download.status().label(),
                download.error().map(reason -> ": " + reason).orElse(""));
    }

    private void logLost() {
        log.info("Download of catalog model {} was cancelled or is another replica's", held.modelId());
    }

    /** On one event loop. */
    private void report(Fetch running) {
        FetchProgress progress = running.progress();
        long now = System.nanoTime();
        if (bytesBefore >= 0) {
            double current = Math.max(0, progress.bytes() - bytesBefore) * 1e9 / Math.max(1, now - nanosBefore);
            speed = speed == 0 ? current : speed + SMOOTHING * (current - speed);
        }
        bytesBefore = progress.bytes();
        nanosBefore = now;
        if (reporting) {
            return;
        }
        reporting = true;
        DownloadStatus status = progress.phase() == FetchProgress.Phase.VERIFYING
                ? DownloadStatus.VERIFYING
                : DownloadStatus.DOWNLOADING;
        parts.queries()
                .report(
                        held,
                        status,
                        progress.bytes(),
                        progress.total(),
                        speed,
                        parts.pace().lease())
                .onComplete(told -> {
                    reporting = false;
                    if (told.succeeded()
                            && told.result().isEmpty()
                            && !running.result().isComplete()) {
                        lost = true;
                        running.cancel();
                    }
                });
    }

    /** Ends the fetch and gives the download back; completes when that is done. */
    Future<Void> stop() {
        stopped = true;
        Fetch running = fetch;
        if (running != null) {
            running.cancel();
            return ended.future();
        }
        return told(() -> parts.queries().giveBack(held));
    }
}
