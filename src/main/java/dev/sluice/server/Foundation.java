package dev.sluice.server;

import dev.sluice.access.BearerAuthentication;
import dev.sluice.access.Proxies;
import dev.sluice.access.TokenVerifier;
import dev.sluice.database.Database;
import dev.sluice.delivery.Delivery;
import dev.sluice.delivery.LivePlans;
import dev.sluice.delivery.LiveReader;
import dev.sluice.delivery.PermitExchange;
import dev.sluice.delivery.Supervision;
import dev.sluice.jobs.AutoMlDownloads;
import dev.sluice.jobs.CompletionIndexing;
import dev.sluice.jobs.Downloads;
import dev.sluice.jobs.Job;
import dev.sluice.jobs.JobHandlers;
import dev.sluice.jobs.JobQueries;
import dev.sluice.jobs.ListingHandlers;
import dev.sluice.jobs.LiveDelivery;
import dev.sluice.jobs.MetricQueries;
import dev.sluice.jobs.OpenUploads;
import dev.sluice.jobs.OwnedJobs;
import dev.sluice.jobs.Uploads;
import dev.sluice.storage.Checksums;
import dev.sluice.storage.ContentIndexer;
import dev.sluice.storage.Workspace;
import dev.sluice.ui.UserInterface;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.time.Clock;
import java.util.function.Consumer;

/**
 * What every feature is built on.
 *
 * @param files reads and writes files that somebody waits for
 * @param encodings chooses encodings and makes deflated copies, which a first byte waits for
 * @param index computes checksums of all that is large, for minutes
 */
record Foundation(
        Vertx vertx,
        Database database,
        ServerConfig config,
        WorkerExecutor files,
        WorkerExecutor encodings,
        WorkerExecutor index,
        Supervision supervision,
        Recording recording,
        Clock clock) {

    /** What is opened before anything is served. */
    record Opened(Contents contents, Ingestion ingestion) {}

    Future<Opened> open() {
        return files.executeBlocking(this::opened)
                .compose(opened -> vertx.deployVerticle(new PermitExchange(database, recording.replica(), supervision))
                        .map(opened));
    }

    private Opened opened() throws IOException {
        Stores stores = Stores.open(vertx, config, supervision.meters());
        return new Opened(
                Contents.of(database, stores, encodings, index, supervision.meters(), clock),
                Ingestion.open(vertx, database, config, stores, supervision));
    }

    Future<Publishing> publishing(Opened opened) {
        return Publishing.of(
                vertx,
                database,
                config,
                opened.contents(),
                index,
                opened.ingestion().fetcher(),
                supervision,
                clock);
    }

    /** What the routes lead to. */
    Features features(TokenVerifier tokens, Opened opened, Publishing publishing) {
        Contents contents = opened.contents();
        Workspace workspace = contents.stores().workspace();
        JobQueries jobs = new JobQueries(database);
        Checksums checksums = new Checksums(workspace, contents.index(), index, files);
        LivePlans plans = new LivePlans(
                contents.index(),
                contents.encodings(),
                new LiveReader(workspace, contents.stores().blobs(), checksums, supervision),
                contents.quarantine());
        OwnedJobs owned = new OwnedJobs(jobs);
        Delivery engine = new Delivery(vertx, files, clock, supervision, recording.downloads());
        LiveDelivery delivery = new LiveDelivery(plans, engine);
        OpenUploads openUploads = new OpenUploads(database);
        openUploads.renewRegularly(vertx);
        Consumer<Job> indexing = new CompletionIndexing(
                vertx, workspace, files, new ContentIndexer(workspace, contents.index(), contents.encodings(), index));
        return new Features(
                new ResponseCount(supervision.meters(), recording.errors()),
                new Proxies(config.http().trustedProxies()),
                new CrossOrigin(config.http().corsOrigins()),
                new ApiDocument(),
                new BearerAuthentication(tokens),
                new JobHandlers(
                        jobs,
                        new MetricQueries(database),
                        workspace,
                        files,
                        indexing.andThen(job -> publishing.verticle().wake())),
                new ListingHandlers(owned, workspace, contents.index(), delivery, files),
                new Downloads(owned, workspace, files, delivery),
                new AutoMlDownloads(owned, workspace, files, delivery),
                new Uploads(
                        vertx,
                        jobs,
                        workspace,
                        contents.index(),
                        openUploads,
                        files,
                        config.ingest().maxFileSize().bytes(),
                        supervision),
                recording.handlers(),
                publishing.features(engine),
                opened.ingestion().catalog(engine),
                UserInterface.of(tokens, clock));
    }
}
