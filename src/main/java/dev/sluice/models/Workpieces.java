package dev.sluice.models;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.jobs.Job;
import dev.sluice.jobs.JobId;
import dev.sluice.jobs.Json;
import dev.sluice.jobs.Leaderboard;
import dev.sluice.jobs.WorkspaceListing;
import dev.sluice.storage.LiveFile;
import dev.sluice.storage.Snapshot;
import dev.sluice.storage.Workspace;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What of a job's live directory becomes a model. Worker threads. */
final class Workpieces {
    private static final String MODEL = "model";
    private static final String AUTO_ML = "models";
    private static final String PICKLE = ".pkl";
    private static final String BEST = "best_model";
    private static final List<String> FORECAST_ERRORS = List.of("mase", "smape", "wape", "wql");
    private static final List<String> ERRORS = List.of("rmse", "mae", "mse", "r2", "mape");
    private static final List<String> SCORES = List.of("accuracy", "f1", "roc_auc", "auc", "precision", "recall");

    private final Workspace workspace;
    private final WorkspaceListing listing;

    Workpieces(Workspace workspace) {
        this.workspace = workspace;
        this.listing = new WorkspaceListing(workspace);
    }

    /** {@code model/**}, or {@code models/**} where that has no file; empty when neither has. */
    Optional<Snapshot> whole(JobId job) throws IOException {
        Optional<Snapshot> model = withFiles(job, MODEL);
        return model.isPresent() ? model : withFiles(job, AUTO_ML);
    }

    /** {@code model/**}, or {@code models/best_model.pkl} where that has no file. */
    Optional<Snapshot> main(JobId job) throws IOException {
        Optional<Snapshot> model = withFiles(job, MODEL);
        return model.isPresent() ? model : named(job, BEST);
    }

    /** {@code models/{name}.pkl}. */
    Optional<Snapshot> named(JobId job, String name) throws IOException {
        Optional<Snapshot> all = workspace.walk(job.value(), AUTO_ML);
        if (all.isEmpty()) {
            return Optional.empty();
        }
        List<LiveFile> found = all.get().files().stream()
                .filter(file -> all.get().relative(file.path()).equals(name + PICKLE))
                .toList();
        return found.isEmpty() ? Optional.empty() : Optional.of(new Snapshot(job.value(), AUTO_ML, found, List.of()));
    }

    private Optional<Snapshot> withFiles(JobId job, String subtree) throws IOException {
        return workspace
                .walk(job.value(), subtree)
                .filter(snapshot -> !snapshot.files().isEmpty());
    }

    /** What the leaderboard says of a model; of the best where it does not name that one. */
    NewModel.AutoMl metrics(Job job, @Nullable String model) throws IOException {
        List<Leaderboard.Row> rows;
        try {
            rows = listing.table(job.id()).map(Leaderboard::rows).orElse(List.of());
        } catch (Leaderboard.Unreadable unreadable) {
            rows = List.of();
        }
        if (rows.isEmpty()) {
            return NewModel.AutoMl.NONE;
        }
        Leaderboard.Row row = rows.stream()
                .filter(candidate -> candidate.model().asText("").equals(model))
                .findFirst()
                .orElse(rows.get(0));
        if (model != null && !model.equals(BEST) && !row.model().asText("").equals(model)) {
            return NewModel.AutoMl.NONE;
        }
        ObjectNode metrics = Json.object();
        row.columns().forEach((name, value) -> {
            if (value.isNumber()) {
                metrics.set(name, value);
            }
        });
        return new NewModel.AutoMl(algorithm(row), taskType(job, row), metrics);
    }

    private static @Nullable String algorithm(Leaderboard.Row row) {
        JsonNode named = row.columns().get("algorithm");
        JsonNode algorithm = named == null ? row.model() : named;
        return algorithm.isTextual() ? algorithm.textValue() : null;
    }

    /** As the leaderboard says, or the job, or the kind of its scores. */
    private static @Nullable String taskType(Job job, Leaderboard.Row row) {
        return Stream.of(
                        row.columns().getOrDefault("task_type", NullNode.instance),
                        job.config().read().path("task_type"))
                .flatMap(named -> named(named.asText()).stream())
                .findFirst()
                .or(() -> byScores(row))
                .orElse(null);
    }

    /** One of the three that clients know, in whichever words AutoML tools have for it. */
    private static Optional<String> named(String taskType) {
        return switch (taskType.toLowerCase(Locale.ROOT).replaceAll("[^a-z]+", "_")) {
            case "classification", "binary", "multiclass", "binary_classification", "multiclass_classification" ->
                Optional.of("classification");
            case "regression", "quantile" -> Optional.of("regression");
            case "time_series", "timeseries", "time_series_forecasting", "forecasting" -> Optional.of("time_series");
            default -> Optional.empty();
        };
    }

    private static Optional<String> byScores(Leaderboard.Row row) {
        if (names(row.columns(), FORECAST_ERRORS)) {
            return Optional.of("time_series");
        }
        if (names(row.columns(), ERRORS)) {
            return Optional.of("regression");
        }
        return names(row.columns(), SCORES) ? Optional.of("classification") : Optional.empty();
    }

    private static boolean names(Map<String, JsonNode> columns, List<String> some) {
        return columns.keySet().stream()
                .anyMatch(name -> some.stream().anyMatch(name.toLowerCase(Locale.ROOT)::contains));
    }
}
