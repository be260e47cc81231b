package dev.sluice.models;

import dev.sluice.access.LinkSigner;
import dev.sluice.database.Database;
import dev.sluice.delivery.Delivery;
import dev.sluice.delivery.PublishedPlans;
import dev.sluice.jobs.JobQueries;
import dev.sluice.storage.Workspace;
import io.vertx.core.WorkerExecutor;

/** The calls on published models, each with what it needs. */
public record ModelFeatures(
        ModelHandlers models,
        OverviewHandlers overview,
        SaveHandlers save,
        ModelDownloads downloads,
        LinkHandlers links,
        ShareHandlers shares,
        NotificationHandlers notifications) {
    /**
     * Puts them together.
     *
     * @param worker walks directories and copies files
     */
    public static ModelFeatures of(
            Database database,
            Workspace workspace,
            Intake intake,
            PublishedPlans plans,
            Delivery delivery,
            LinkSigner signer,
            WorkerExecutor worker) {
        ModelQueries queries = new ModelQueries(database);
        ModelChanges changes = new ModelChanges(database);
        PublishedContents contents = new PublishedContents(queries);
        JobRecords jobs = new JobRecords(database);
        ModelHandlers models = new ModelHandlers(queries, changes, contents, jobs);
        ModelDownloads downloads = new ModelDownloads(queries, contents, plans, delivery);
        LinkHandlers links = new LinkHandlers(queries, contents, downloads, signer);
        return new ModelFeatures(
                models,
                new OverviewHandlers(database, queries, changes, jobs, links),
                new SaveHandlers(
                        new JobQueries(database),
                        workspace,
                        new TrainingQueries(database),
                        intake,
                        changes,
                        models,
                        worker),
                downloads,
                links,
                new ShareHandlers(queries, changes),
                new NotificationHandlers(database));
    }
}
