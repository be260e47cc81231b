package dev.sluice.demo;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/** Fitted models, best first: by accuracy, the first score of the table, then by area under the ROC curve. */
final class Leaderboard {
    static final String TASK_TYPE = "classification";
    private static final CSVFormat FORMAT = CSVFormat.DEFAULT
            .builder()
            .setRecordSeparator('\n')
            .setHeader(
                    "model",
                    "algorithm",
                    "task_type",
                    "accuracy",
                    "precision",
                    "recall",
                    "f1",
                    "roc_auc",
                    "training_seconds")
            .get();

    /** @param model the file's name without {@code .pkl} */
    record Entry(String model, String algorithm, Classifier classifier, Scores scores, double trainingSeconds) {}

    private final List<Entry> entries;

    Leaderboard(List<Entry> entries) {
        this.entries = entries.stream()
                .sorted(Comparator.comparingDouble(
                                (Entry entry) -> entry.scores().accuracy())
                        .thenComparingDouble(entry -> entry.scores().rocAuc())
                        .reversed())
                .toList();
    }

    List<Entry> entries() {
        return entries;
    }

    Entry best() {
        return entries.get(0);
    }

    void write(Path file) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file);
                CSVPrinter csv = new CSVPrinter(out, FORMAT)) {
            for (Entry entry : entries) {
                Scores scores = entry.scores();
                csv.printRecord(
                        entry.model(),
                        entry.algorithm(),
                        TASK_TYPE,
                        figure(scores.accuracy()),
                        figure(scores.precision()),
                        figure(scores.recall()),
                        figure(scores.f1()),
                        figure(scores.rocAuc()),
                        figure(entry.trainingSeconds()));
            }
        }
    }

    private static String figure(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }
}
