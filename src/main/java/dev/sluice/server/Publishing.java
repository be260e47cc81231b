package dev.sluice.server;

import dev.sluice.access.LinkKey;
import dev.sluice.access.LinkSigner;
import dev.sluice.database.Database;
import dev.sluice.delivery.Delivery;
import dev.sluice.delivery.PublishedPlans;
import dev.sluice.delivery.Supervision;
import dev.sluice.ingest.Fetcher;
import dev.sluice.models.ArtifactQueries;
import dev.sluice.models.Artifacts;
import dev.sluice.models.Intake;
import dev.sluice.models.LinkKeys;
import dev.sluice.models.ModelChanges;
import dev.sluice.models.ModelFeatures;
import dev.sluice.models.PublishVerticle;
import dev.sluice.models.Publisher;
import dev.sluice.storage.Blobs;
import dev.sluice.storage.ParallelDeflater;
import dev.sluice.storage.Workspace;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What turns jobs into published models, and serves these.
 *
 * @param worker copies files: threads of its own, for a large model must not hold up what live downloads wait for
 */
record Publishing(
        Database database,
        Workspace workspace,
        PublishVerticle verticle,
        Intake intake,
        PublishedPlans plans,
        LinkSigner signer,
        WorkerExecutor worker) {
    private static final Logger log = LoggerFactory.getLogger(Publishing.class);

    private static final int THREADS = 4;
    private static final Duration KEYS_READ_AGAIN = Duration.ofSeconds(2);

    static Future<Publishing> of(
            Vertx vertx,
            Database database,
            ServerConfig config,
            Contents contents,
            WorkerExecutor index,
            Fetcher fetcher,
            Supervision supervision,
            Clock clock) {
        WorkerExecutor worker = vertx.createSharedWorkerExecutor("sluice-publish", THREADS, 1, TimeUnit.DAYS);
        Stores stores = contents.stores();
        PublishedPlans plans = new PublishedPlans(
                stores.blobs(), contents::suspect, config.delivery().redirect() == ServerConfig.Redirect.PRESIGNED);
        Executor deflaters = block -> index.executeBlocking(Executors.callable(block), false);
        Intake intake = new Intake(
                stores.workspace(),
                new Blobs(database, stores.blobs(), worker),
                plans,
                new ParallelDeflater(deflaters, Runtime.getRuntime().availableProcessors()),
                worker);
        Publisher publisher = new Publisher(
                vertx,
                database,
                stores.workspace(),
                contents.index(),
                intake,
                new Artifacts(fetcher, intake, supervision, new ArtifactQueries(database)),
                worker,
                clock);
        PublishVerticle verticle =
                new PublishVerticle(publisher, config.ingest().pollInterval());
        return signer(vertx, database, config.links(), clock)
                .map(signer -> new Publishing(database, stores.workspace(), verticle, intake, plans, signer, worker));
    }

    private static Future<LinkSigner> signer(Vertx vertx, Database database, ServerConfig.Links config, Clock clock) {
        if (config.keys().isEmpty()) {
            return database.atStart(vertx, () -> LinkKeys.stored(database))
                    .map(keys -> new LinkSigner(keys, clock))
                    .onSuccess(signer -> readRegularly(vertx, database, signer));
        }
        List<LinkKey> keys = config.keys().stream()
                .map(key -> LinkKey.of(
                        key.id(), Base64.getDecoder().decode(key.secret().reveal())))
                .toList();
        return Future.succeededFuture(new LinkSigner(keys, clock));
    }

    /** So that a key that is deleted in the database opens nothing a few seconds later. */
    private static void readRegularly(Vertx vertx, Database database, LinkSigner signer) {
        vertx.setPeriodic(
                KEYS_READ_AGAIN.toMillis(),
                tick -> LinkKeys.stored(database)
                        .onSuccess(signer::use)
                        .onFailure(failure ->
                                log.warn("The keys of links could not be read again: {}", failure.getMessage())));
    }

    ModelFeatures features(Delivery delivery) {
        return ModelFeatures.of(database, workspace, intake, plans, delivery, signer, worker);
    }

    /** @param kept deleted models can be restored for so long */
    void purgeHourly(Vertx vertx, Duration kept) {
        ModelChanges changes = new ModelChanges(database);
        vertx.setPeriodic(
                Duration.ofHours(1).toMillis(),
                hour -> changes.purge(kept)
                        .onFailure(failure ->
                                log.warn("Deleted models could not be purged; tried again in an hour", failure)));
    }
}
