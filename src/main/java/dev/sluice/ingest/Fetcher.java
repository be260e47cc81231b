package dev.sluice.ingest;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Fetches files from elsewhere: the one engine for artifacts of jobs and models of the catalog. Any thread; nothing here blocks but
 * the constructor. As many fetches run as are started: who starts them bounds them.
 */
public final class Fetcher {
    private final Fetch.Engine engine;
    private final Clock clock;
    private final Set<Fetch> running = ConcurrentHashMap.newKeySet();

    /**
     * Blocks: worker thread.
     *
     * @param worker writes, hashes and resolves names
     * @param directory of unfinished files, which replicas may share; on the file system to which fetched files are moved
     */
    public Fetcher(
            Vertx vertx,
            WorkerExecutor worker,
            Path directory,
            FetchLimits limits,
            AllowedHosts allowed,
            UpstreamCredentials credentials,
            TrustedAuthorities authorities)
            throws IOException {
        this(vertx, worker, directory, limits, allowed, credentials, authorities, Surroundings.real(vertx, worker));
    }

    Fetcher(
            Vertx vertx,
            WorkerExecutor worker,
            Path directory,
            FetchLimits limits,
            AllowedHosts allowed,
            UpstreamCredentials credentials,
            TrustedAuthorities authorities,
            Surroundings surroundings)
            throws IOException {
        this.clock = Clock.systemUTC();
        this.engine = new Fetch.Engine(
                vertx,
                worker,
                new Partials(directory, limits.checkpoint()),
                new Upstream(vertx, allowed, credentials, authorities, limits, surroundings),
                limits,
                surroundings);
    }

    /** Begins a fetch, or goes on with what an earlier one of the same key left. */
    public Fetch start(FetchRequest request) {
        Fetch fetch = new Fetch(request, engine);
        running.add(fetch);
        fetch.result().onComplete(ended -> running.remove(fetch));
        fetch.start();
        return fetch;
    }

    /** As {@link #start}, for who only waits for the end. */
    public Future<FetchedFile> fetch(FetchRequest request) {
        return start(request).result();
    }

    /** Whether so many bytes would fit. */
    public Future<Boolean> hasRoomFor(long bytes) {
        Space space = new Space(
                engine.partials().directory(),
                engine.limits(),
                engine.surroundings().freeSpace());
        return engine.worker().executeBlocking(() -> space.has(bytes), false);
    }

    /** Removes what an unfinished fetch of this key left. */
    public Future<Void> forget(String key) {
        return engine.worker()
                .executeBlocking(
                        () -> {
                            engine.partials().remove(key);
                            return key;
                        },
                        false)
                .mapEmpty();
    }

    /** Removes what unfinished fetches left that nobody has gone on with for so long. */
    public Future<Void> collect(Duration olderThan) {
        return engine.worker()
                .executeBlocking(
                        () -> {
                            engine.partials().collect(clock.instant().minus(olderThan));
                            return olderThan;
                        },
                        false)
                .mapEmpty();
    }

    /** Cancels what runs, keeping what can be resumed. Nothing can be started afterwards. */
    public Future<Void> close() {
        running.forEach(Fetch::cancel);
        return Future.join(running.stream().map(Fetch::result).toList())
                .transform(ended -> engine.upstream().close())
                .transform(closed -> engine.worker().executeBlocking(() -> {
                    engine.partials().close();
                    return closed;
                }))
                .mapEmpty();
    }
}
