package dev.sluice.demo;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Fits models of several kinds to the same table, scores them on rows kept aside, and leaves a leaderboard and one
 * pickle each under {@code models/}. All but the times it took is the same in every run.
 */
public final class AutoMl {
    private static final List<Candidate> CANDIDATES = List.of(
            new Candidate("logistic_regression", "Logistic regression", LogisticRegression::fit),
            new Candidate("gaussian_naive_bayes", "Gaussian naive Bayes", GaussianNaiveBayes::fit),
            new Candidate("nearest_neighbours", "k-nearest neighbours", NearestNeighbours::fit),
            new Candidate("decision_tree", "Decision tree", DecisionTree::fit),
            new Candidate("random_forest", "Random forest", RandomForest::fit),
            new Candidate("gradient_boosting", "Gradient boosting", GradientBoosting::fit));

    private record Candidate(String model, String algorithm, Function<TabularData, Classifier> learner) {}

    private final TrainingRun run;
    private final Path models;
    private final TabularData training;
    private final TabularData test;

    private AutoMl(TrainingRun run, Path models, TabularData data) {
        this.run = run;
        this.models = models;
        training = data.range(0, CustomerChurn.TRAINING_ROWS);
        test = data.range(CustomerChurn.TRAINING_ROWS, data.size());
    }

    /**
     * Fits all on the calling thread: about a second of one core, so never an event loop.
     *
     * @param workspaceJobDir the job's directory; made when missing, files of an earlier run are replaced
     * @throws IOException when a file cannot be written
     */
    public static void fit(Path workspaceJobDir) throws IOException {
        TrainingRun.record(
                workspaceJobDir,
                CANDIDATES.size(),
                run -> new AutoMl(run, workspaceJobDir.resolve("models"), CustomerChurn.generate()).fit());
    }

    private void fit() throws IOException {
        Files.createDirectories(models);
        run.log()
                .info(line(
                        "customer churn: %d rows to fit, %d to score, %d features",
                        training.size(), test.size(), training.width()));
        run.progress().running(0, Map.of());
        List<Leaderboard.Entry> entries = new ArrayList<>();
        for (Candidate candidate : CANDIDATES) {
            run.log().info(line("fitting model=%s", candidate.model()));
            Leaderboard.Entry entry = fit(candidate);
            entries.add(entry);
            write(entry);
            report(entry);
            run.progress().running(entries.size(), Map.of("model", entry.model()));
        }
        Leaderboard leaderboard = new Leaderboard(entries);
        Files.copy(file(leaderboard.best().model()), file("best_model"), StandardCopyOption.REPLACE_EXISTING);
        leaderboard.write(models.resolve("leaderboard.csv"));
        run.log().info("best model by accuracy: " + leaderboard.best().model());
    }

    private Leaderboard.Entry fit(Candidate candidate) {
        long start = System.nanoTime();
        Classifier classifier = candidate.learner().apply(training);
        double seconds = (double) (System.nanoTime() - start) / TimeUnit.SECONDS.toNanos(1);
        return new Leaderboard.Entry(
                candidate.model(), candidate.algorithm(), classifier, Scores.of(classifier, test), seconds);
    }

    private void write(Leaderboard.Entry entry) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file(entry.model())))) {
            PickleWriter.write(
                    out,
                    Map.of(
                            "model",
                            entry.model(),
                            "algorithm",
                            entry.algorithm(),
                            "task_type",
                            Leaderboard.TASK_TYPE,
                            "target",
                            "churned",
                            "features",
                            training.features,
                            "parameters",
                            entry.classifier().parameters()));
        }
    }

    private Path file(String model) {
        return models.resolve(model + ".pkl");
    }

    private void report(Leaderboard.Entry entry) throws IOException {
        Scores scores = entry.scores();
        run.log()
                .info(line(
                        "fitted model=%s seconds=%.3f accuracy=%.4f precision=%.4f recall=%.4f f1=%.4f roc_auc=%.4f",
                        entry.model(),
                        entry.trainingSeconds(),
                        scores.accuracy(),
                        scores.precision(),
                        scores.recall(),
                        scores.f1(),
                        scores.rocAuc()));
    }

    private static String line(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }
}
