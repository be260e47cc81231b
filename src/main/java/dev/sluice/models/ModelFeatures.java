package dev.sluice.models;

import dev.sluice.database.Database;
import dev.sluice.delivery.Delivery;
import dev.sluice.delivery.PublishedPlans;
import dev.sluice.jobs.JobQueries;
import dev.sluice.storage.Workspace;
import io.vertx.core.WorkerExecutor;

/** The calls on published models, each with what it needs. */
public record ModelFeatures(ModelHandlers models, SaveHandlers save, ModelDownloads downloads) {
    /**
     * Puts them together.
     *
     * @param worker walks directories and copies files
     */
    public static ModelFeatures of(
            Database database,
            JobQueries jobs,
            Workspace workspace,
            Intake intake,
            PublishedPlans plans,
            Delivery delivery,
            WorkerExecutor worker) {
        ModelQueries queries = new ModelQueries(database);
        ModelChanges changes = new ModelChanges(database);
        PublishedContents contents = new PublishedContents(queries);
        ModelHandlers models = new ModelHandlers(queries, changes, contents, new JobRecords(database));
        return new ModelFeatures(
                models,
                new SaveHandlers(jobs, workspace, new TrainingQueries(database), intake, changes, models, worker),
                new ModelDownloads(queries, contents, plans, delivery));
    }
}
