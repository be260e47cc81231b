package dev.sluice.server;

import dev.sluice.database.Database;
import dev.sluice.delivery.PublishedPlans;
import dev.sluice.models.Intake;
import dev.sluice.models.PublishVerticle;
import dev.sluice.models.Publisher;
import dev.sluice.storage.Blobs;
import dev.sluice.storage.ContentIndex;
import dev.sluice.storage.ParallelDeflater;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * What turns jobs into published models.
 *
 * @param worker copies files: threads of its own, for a large model must not hold up what live downloads wait for
 */
record Publishing(PublishVerticle verticle, Intake intake, PublishedPlans plans, WorkerExecutor worker) {
    private static final int THREADS = 4;

    static Publishing of(
            Vertx vertx, Database database, Duration interval, Server.Stores stores, WorkerExecutor index) {
        WorkerExecutor worker = vertx.createSharedWorkerExecutor("sluice-publish", THREADS, 1, TimeUnit.DAYS);
        PublishedPlans plans = new PublishedPlans(stores.blobs());
        Executor deflaters = block -> index.executeBlocking(Executors.callable(block), false);
        Intake intake = new Intake(
                stores.workspace(),
                new Blobs(database, stores.blobs(), worker),
                plans,
                new ParallelDeflater(deflaters, Runtime.getRuntime().availableProcessors()),
                worker);
        Publisher publisher = new Publisher(
                vertx, database, stores.workspace(), new ContentIndex(database, Clock.systemUTC()), intake, worker);
        return new Publishing(new PublishVerticle(publisher, interval), intake, plans, worker);
    }
}
