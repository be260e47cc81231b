package dev.sluice.models;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.jobs.Job;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A model about to be published; its version is for the database to count.
 *
 * @param origin {@code job}, {@code saved} or {@code rollback}
 * @param training what its curve shows
 * @param metrics of an AutoML model
 */
record NewModel(
        Job job,
        String origin,
        String name,
        String description,
        List<String> tags,
        Training training,
        AutoMl metrics,
        List<ModelFile> files,
        Model.ArchiveDigest archive) {
    /** What the leaderboard says of an AutoML model. */
    record AutoMl(
            @Nullable String algorithm,
            @Nullable String taskType,
            @Nullable JsonNode metrics) {
        static final AutoMl NONE = new AutoMl(null, null, null);
    }

    long size() {
        return files.stream().mapToLong(ModelFile::size).sum();
    }
}
