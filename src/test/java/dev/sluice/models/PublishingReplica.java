package dev.sluice.models;

import static dev.sluice.database.TestDatabase.await;

import dev.sluice.database.Database;
import dev.sluice.database.TestDatabase;
import dev.sluice.delivery.PublishedPlans;
import dev.sluice.delivery.Supervision;
import dev.sluice.delivery.TransferLimits;
import dev.sluice.delivery.TransferSupervisor;
import dev.sluice.ingest.AllowedHosts;
import dev.sluice.ingest.FetchLimits;
import dev.sluice.ingest.Fetcher;
import dev.sluice.ingest.TrustedAuthorities;
import dev.sluice.ingest.UpstreamCredentials;
import dev.sluice.metrics.Meters;
import dev.sluice.storage.Blobs;
import dev.sluice.storage.ContentIndex;
import dev.sluice.storage.LocalBlobStore;
import dev.sluice.storage.ParallelDeflater;
import dev.sluice.storage.Workspace;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * One server's part in publishing, on a database and a volume that others may share. Its lease lasts until a test ends it, what fails
 * once is left alone for an hour, and an upstream is asked once a try.
 */
final class PublishingReplica implements AutoCloseable {
    private static final TransferLimits.Limit PLENTY = new TransferLimits.Limit(100, 100);
    private static final Duration OFTEN = Duration.ofMillis(50);
    private static final Duration LONG = Duration.ofHours(1);

    final Vertx vertx = Vertx.vertx();
    final Fetcher fetcher;
    final Supervision supervision;
    private final PublishVerticle verticle;

    /** @param ingests jobs whose artifacts may be fetched at a time */
    PublishingReplica(TestDatabase test, Path volume, int ingests) throws IOException {
        Database database = test.database();
        WorkerExecutor worker = vertx.createSharedWorkerExecutor("replica", 8);
        Workspace workspace = new Workspace(volume.resolve("workspace"));
        LocalBlobStore store = new LocalBlobStore(volume.resolve("store"));
        fetcher = fetcher(vertx, worker, volume);
        supervision = new Supervision(
                new TransferLimits(PLENTY, PLENTY, new TransferLimits.Limit(ingests, ingests), LONG),
                new Meters(),
                System::nanoTime);
        Intake intake = new Intake(
                workspace,
                new Blobs(database, store, worker),
                new PublishedPlans(store, suspected -> {}),
                new ParallelDeflater(Runnable::run, 1),
                worker);
        Publisher publisher = new Publisher(
                vertx,
                database,
                workspace,
                new ContentIndex(database, Clock.systemUTC()),
                intake,
                new Artifacts(fetcher, intake, supervision, new ArtifactQueries(database)),
                worker,
                Clock.systemUTC(),
                new Publisher.Pace(LONG, OFTEN, OFTEN, new Backoff(LONG, LONG.multipliedBy(3))));
        verticle = new PublishVerticle(publisher, OFTEN);
    }

    PublishingReplica(TestDatabase database, Path volume) throws IOException {
        this(database, volume, 100);
    }

    static Fetcher fetcher(Vertx vertx, WorkerExecutor worker, Path volume) throws IOException {
        return new Fetcher(
                vertx,
                worker,
                volume.resolve("ingest"),
                new FetchLimits(LONG, 1 << 20, 1, OFTEN, OFTEN, OFTEN, 32 << 10, 0, 64 << 10),
                new AllowedHosts(List.of("127.0.0.1")),
                UpstreamCredentials.NONE,
                TrustedAuthorities.OF_THE_JDK);
    }

    /** Publishes what is due, from now on. */
    PublishingReplica start() {
        await(vertx.deployVerticle(new TransferSupervisor(supervision, Map.of())));
        await(vertx.deployVerticle(verticle));
        return this;
    }

    @Override
    public void close() {
        vertx.deploymentIDs().forEach(id -> await(vertx.undeploy(id)));
        await(fetcher.close());
        await(vertx.close());
    }
}
