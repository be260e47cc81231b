package dev.sluice.catalog;

import dev.sluice.delivery.Supervision;
import dev.sluice.ingest.FetchFailed;
import dev.sluice.ingest.Fetcher;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches what is queued, on every replica: whoever is free claims the oldest under a lease, and what a replica that died had claimed
 * is claimed again when the lease is over. Any thread.
 */
public final class CatalogWorker {
    /** How fast it works. */
    public record Pace(Duration poll, Duration report, Duration lease, int mostAtATime) {
        public static Pace of(int mostAtATime) {
            return new Pace(Duration.ofSeconds(2), Duration.ofMillis(500), Duration.ofSeconds(30), mostAtATime);
        }
    }

    /** What belongs together to fetch a model. */
    record Parts(
            Vertx vertx,
            WorkerExecutor worker,
            Catalog catalog,
            CatalogQueries queries,
            CatalogFiles files,
            Fetcher fetcher,
            Supervision supervision,
            Pace pace) {}

    private static final Logger log = LoggerFactory.getLogger(CatalogWorker.class);
    private static final Duration YOUNG = Duration.ofHours(1);

    private final Parts parts;
    private final Set<CatalogFetch> running = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean claiming = new AtomicBoolean();
    private volatile boolean stopped;
    private volatile long timer;

    public CatalogWorker(
            Vertx vertx,
            WorkerExecutor worker,
            Catalog catalog,
            CatalogQueries queries,
            CatalogFiles files,
            Fetcher fetcher,
            Supervision supervision,
            Pace pace) {
        this.parts = new Parts(vertx, worker, catalog, queries, files, fetcher, supervision, pace);
    }

    /** Looks for work from now on. */
    public void start() {
        timer = parts.vertx().setPeriodic(parts.pace().poll().toMillis(), tick -> claim());
        claim();
    }

    /** There is work: a hint, nothing depends on it. */
    void claim() {
        if (stopped || !claiming.compareAndSet(false, true)) {
            return;
        }
        parts.queries().claim(parts.pace().lease(), parts.pace().mostAtATime()).onComplete(claimed -> {
            claiming.set(false);
            if (claimed.failed()) {
                log.warn("Catalog downloads cannot be claimed; tried again soon", claimed.cause());
            } else if (claimed.result().isPresent()) {
                run(claimed.result().get());
                claim();
            }
        });
    }

    private void run(CatalogDownload download) {
        CatalogFetch fetch = new CatalogFetch(parts, download);
        running.add(fetch);
        fetch.run().onComplete(ended -> {
            running.remove(fetch);
            if (ended.failed()) {
                log.error("The end of the download of {} could not be recorded", download.modelId(), ended.cause());
            }
            if (!fetch.refused()) {
                claim();
            }
        });
        if (stopped) {
            fetch.stop();
        }
    }

    /** What a model's unfinished file is called among the fetcher's. */
    static String key(String modelId) {
        return "catalog/" + modelId;
    }

    /** Removes files that no row speaks of. */
    public Future<Void> collect() {
        return parts.queries()
                .all()
                .map(downloads -> downloads.values().stream()
                        .flatMap(download -> download.file().stream())
                        .map(CatalogDownload.KeptFile::sha256)
                        .collect(Collectors.toSet()))
                .compose(referenced -> parts.worker()
                        .executeBlocking(
                                () -> {
                                    parts.files()
                                            .collect(
                                                    referenced,
                                                    Clock.systemUTC().instant().minus(YOUNG));
                                    return referenced;
                                },
                                false))
                .mapEmpty();
    }

    /** Gives back what it was fetching, so that another replica goes on at once. */
    public Future<Void> stop() {
        stopped = true;
        parts.vertx().cancelTimer(timer);
        return Future.join(running.stream().map(CatalogFetch::stop).toList())
                .transform(ended -> Future.succeededFuture());
    }

    /** For people: a failure that is not the upstream's has no words of its own. */
    static String reason(Throwable failure) {
        return failure instanceof FetchFailed known && known.getMessage() != null
                ? known.getMessage()
                : "The server could not store the file";
    }
}
