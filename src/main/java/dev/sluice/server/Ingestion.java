package dev.sluice.server;

import dev.sluice.catalog.Catalog;
import dev.sluice.catalog.CatalogDelivery;
import dev.sluice.catalog.CatalogFiles;
import dev.sluice.catalog.CatalogHandlers;
import dev.sluice.catalog.CatalogQueries;
import dev.sluice.catalog.CatalogWorker;
import dev.sluice.database.Database;
import dev.sluice.delivery.Delivery;
import dev.sluice.delivery.Supervision;
import dev.sluice.ingest.AllowedHosts;
import dev.sluice.ingest.FetchLimits;
import dev.sluice.ingest.Fetcher;
import dev.sluice.ingest.TrustedAuthorities;
import dev.sluice.ingest.UpstreamCredentials;
import dev.sluice.models.ArtifactQueries;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What comes from elsewhere: the fetcher, and the catalog on it. */
final class Ingestion {
    private static final Logger log = LoggerFactory.getLogger(Ingestion.class);

    private static final Duration COLLECTION = Duration.ofHours(1);

    private final WorkerExecutor worker;
    private final Catalog catalog;
    private final CatalogQueries queries;
    private final CatalogFiles files;
    private final CatalogWorker catalogWorker;
    private final Fetcher fetcher;
    private final ArtifactQueries artifacts;
    private final Duration partialRetention;

    private Ingestion(Vertx vertx, Database database, ServerConfig config, Stores stores, Supervision supervision)
            throws IOException {
        Path data = config.data().dir();
        ServerConfig.Ingest ingest = config.ingest();
        Optional<Path> credentials = ingest.credentialsFile();
        Optional<Path> authorities = ingest.certificateAuthorities();
        // Of its own: a slow upstream's disk and names must not hold up downloads.
        this.worker = vertx.createSharedWorkerExecutor(
                "sluice-ingest", 2 * Runtime.getRuntime().availableProcessors(), 1, TimeUnit.HOURS);
        this.catalog = Catalog.read(config.catalog().file());
        this.queries = new CatalogQueries(database);
        this.files = new CatalogFiles(data.resolve("catalog"), stores.catalog());
        this.fetcher = new Fetcher(
                vertx,
                worker,
                data.resolve("ingest"),
                FetchLimits.of(ingest.stallTimeout(), ingest.maxFileSize().bytes()),
                new AllowedHosts(ingest.allowedHosts()),
                credentials.isPresent() ? UpstreamCredentials.read(credentials.get()) : UpstreamCredentials.NONE,
                authorities.isPresent() ? TrustedAuthorities.read(authorities.get()) : TrustedAuthorities.OF_THE_JDK);
        this.catalogWorker = new CatalogWorker(
                vertx,
                worker,
                catalog,
                queries,
                files,
                fetcher,
                supervision,
                CatalogWorker.Pace.of(config.catalog().maxDownloads()));
        this.artifacts = new ArtifactQueries(database);
        this.partialRetention = ingest.partialRetention();
    }

    /** Worker thread. */
    static Ingestion open(Vertx vertx, Database database, ServerConfig config, Stores stores, Supervision supervision)
            throws IOException {
        return new Ingestion(vertx, database, config, stores, supervision);
    }

    /** Fetches what is queued, from now on. */
    void start(Vertx vertx) {
        catalogWorker.start();
        vertx.setPeriodic(0, COLLECTION.toMillis(), hour -> collect());
    }

    private void collect() {
        Future.join(fetcher.collect(partialRetention), catalogWorker.collect(), artifacts.collect(partialRetention))
                .onFailure(failure ->
                        log.warn("What fetches left could not be collected; tried again in an hour", failure));
    }

    Fetcher fetcher() {
        return fetcher;
    }

    CatalogHandlers catalog(Delivery delivery) {
        return new CatalogHandlers(
                catalog, queries, files, catalogWorker, new CatalogDelivery(delivery, files), fetcher, worker);
    }

    /** Gives back what is being fetched; what has come of it is kept. */
    Future<Void> stop() {
        return catalogWorker.stop().transform(stopped -> fetcher.close()).transform(closed -> worker.close());
    }
}
