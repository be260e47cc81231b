package dev.sluice.demo;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AutoMlTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> FIGURES = List.of("accuracy", "precision", "recall", "f1", "roc_auc");
    private static final Map<String, Function<TabularData, Classifier>> LEARNERS = Map.of(
            "logistic_regression", LogisticRegression::fit,
            "gaussian_naive_bayes", GaussianNaiveBayes::fit,
            "nearest_neighbours", NearestNeighbours::fit,
            "decision_tree", DecisionTree::fit,
            "random_forest", RandomForest::fit,
            "gradient_boosting", GradientBoosting::fit);

    @TempDir
    static Path workspace;

    static Path job;
    static Path models;
    static List<CSVRecord> leaderboard;

    @BeforeAll
    static void fit() throws IOException {
        job = workspace.resolve("automl");
        models = job.resolve("models");
        AutoMl.fit(job);
        try (Reader reader = Files.newBufferedReader(models.resolve("leaderboard.csv"))) {
            leaderboard = CSVFormat.DEFAULT
                    .builder()
                    .setHeader()
                    .setSkipHeaderRecord(true)
                    .get()
                    .parse(reader)
                    .getRecords();
        }
    }

    @Test
    void theLeaderboardHasTheseColumnsAndEveryModelOnce() throws IOException {
        assertThat(Files.readAllLines(models.resolve("leaderboard.csv")))
                .first()
                .isEqualTo("model,algorithm,task_type,accuracy,precision,recall,f1,roc_auc,training_seconds");
        assertThat(leaderboard)
                .extracting(row -> row.get("model"))
                .containsExactlyInAnyOrderElementsOf(LEARNERS.keySet());
        assertThat(leaderboard).allSatisfy(row -> {
            assertThat(row.get("task_type")).isEqualTo("classification");
            assertThat(figure(row, "training_seconds")).isNotNegative();
        });
    }

    @Test
    void theBestModelStandsFirst() {
        assertThat(leaderboard)
                .extracting(row -> figure(row, "accuracy"))
                .isSortedAccordingTo(Comparator.<Double>naturalOrder().reversed());
    }

    @Test
    void everyModelIsBetterThanTheMajorityClass() {
        TabularData test = testRows();
        double majority = 1 - (double) Arrays.stream(test.labels).sum() / test.size();

        assertThat(leaderboard).allSatisfy(row -> {
            assertThat(figure(row, "accuracy")).isGreaterThan(majority);
            assertThat(figure(row, "roc_auc")).isBetween(0.7, 0.99);
        });
    }

    @Test
    void theFiguresComeOutAgainWhenTheModelsAreFittedAgain() {
        for (CSVRecord row : leaderboard) {
            Scores scores = Scores.of(fitted(row.get("model")), testRows());

            assertThat(figure(row, "accuracy")).isCloseTo(scores.accuracy(), within(5e-5));
            assertThat(figure(row, "roc_auc")).isCloseTo(scores.rocAuc(), within(5e-5));
        }
    }

    @Test
    void pythonGetsTheSamePredictionsAndFiguresFromThePickles() throws Exception {
        TabularData test = testRows();
        Path rows = workspace.resolve("rows.json");
        JSON.writeValue(rows.toFile(), Map.of("rows", test.rows, "labels", test.labels));

        JsonNode scored = JSON.readTree(Python.run("score_models.py", models, rows));

        assertThat(scored).hasSize(LEARNERS.size() + 1);
        for (CSVRecord row : leaderboard) {
            String model = row.get("model");
            Classifier fitted = fitted(model);
            for (int i = 0; i < test.size(); i++) {
                assertThat(scored.get(model).get("probabilities").get(i).doubleValue())
                        .as("%s, row %d", model, i)
                        .isCloseTo(fitted.probability(test.rows[i]), within(1e-9));
            }
            for (String figure : FIGURES) {
                assertThat(scored.get(model).get("figures").get(figure).doubleValue())
                        .as("%s of %s", figure, model)
                        .isCloseTo(figure(row, figure), within(5.1e-5));
            }
        }
    }

    @Test
    void theBestModelIsTheWinnersFile() {
        assertThat(models.resolve("best_model.pkl"))
                .hasSameBinaryContentAs(models.resolve(leaderboard.get(0).get("model") + ".pkl"));
    }

    @Test
    void theWorkspaceHoldsOnlyModelsLogAndProgress() throws IOException {
        assertThat(names(job)).containsExactly("models", "progress.json", "training.log");
        assertThat(names(models)).hasSize(LEARNERS.size() + 2).contains("best_model.pkl", "leaderboard.csv");
        JsonNode progress = JSON.readTree(job.resolve("progress.json").toFile());
        assertThat(progress.get("status").textValue()).isEqualTo("completed");
        assertThat(progress.get("step").intValue()).isEqualTo(LEARNERS.size());
        for (String model : LEARNERS.keySet()) {
            assertThat(job.resolve("training.log")).content().contains("fitted model=" + model);
        }
    }

    @Test
    void aSecondRunLeavesTheSamePickles() throws IOException {
        Path again = workspace.resolve("again");

        AutoMl.fit(again);

        for (String name : names(models)) {
            if (name.endsWith(".pkl")) {
                assertThat(again.resolve("models").resolve(name)).hasSameBinaryContentAs(models.resolve(name));
            }
        }
    }

    private static Classifier fitted(String model) {
        return requireNonNull(LEARNERS.get(model), model)
                .apply(CustomerChurn.generate().range(0, CustomerChurn.TRAINING_ROWS));
    }

    private static TabularData testRows() {
        return CustomerChurn.generate().range(CustomerChurn.TRAINING_ROWS, CustomerChurn.ROWS);
    }

    private static double figure(CSVRecord row, String column) {
        return Double.parseDouble(row.get(column));
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
