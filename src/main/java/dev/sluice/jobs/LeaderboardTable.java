package dev.sluice.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/** The cells of a leaderboard as pandas and its like write it, and what its columns mean. */
final class LeaderboardTable {
    static final int MAX_ROWS = 10_000;
    static final int MAX_COLUMNS = 256;

    /** Few digits and short exponents, so that no number is larger than its text. */
    private static final Pattern NUMBER = Pattern.compile(
            "[+-]?(?:(?:0|[1-9][0-9]{0,99})(?:\\.[0-9]{0,99})?|\\.[0-9]{1,99})(?:[eE][+-]?[0-9]{1,2})?");

    private static final Set<String> NO_VALUE =
            Set.of("", "nan", "na", "n/a", "none", "null", "inf", "-inf", "infinity", "-infinity");

    private static final String RANK = "rank";
    private static final List<String> MODEL = List.of("model", "model_name", "name", "algorithm");

    private static final Set<String> UNAVAILABLE = Set.of("", RANK, "model");

    private static final Set<String> HIGHER_IS_BETTER = Set.of(
            "accuracy",
            "acc",
            "balanced_accuracy",
            "precision",
            "average_precision",
            "recall",
            "r2",
            "f1",
            "f1_macro",
            "f1_micro",
            "f1_weighted",
            "mcc",
            "roc_auc",
            "auroc",
            "auc",
            "pr_auc",
            "explained_variance",
            "score");

    private static final Set<String> LOWER_IS_BETTER = Set.of(
            "rmse",
            "mae",
            "mse",
            "mape",
            "smape",
            "wape",
            "mase",
            "rmsse",
            "wql",
            "sql",
            "rmsle",
            "loss",
            "logloss",
            "log_loss",
            "cross_entropy",
            "error",
            "error_rate",
            "max_error",
            "squared_error",
            "absolute_error",
            "median_absolute_error",
            "absolute_percentage_error",
            "root_mean_squared_error",
            "perplexity");

    /** What tools put around the name of a score: {@code val_f1_score} is f1, and {@code mean_squared_error} squared_error. */
    private static final Pattern AFFIXES = Pattern.compile(
            "^(?:(?:val|valid|validation|test|cv|mean)_)+|(?:_(?:score|val|valid|validation|test|cv|mean))+$");

    record Score(int column, boolean higherIsBetter) {}

    private final List<String> header;
    private final List<List<JsonNode>> rows;
    private final Optional<Integer> rankColumn;
    private final Optional<Integer> modelColumn;
    private final Map<String, Integer> otherColumns;

    /**
     * Takes the cells as they stand in the file.
     *
     * @param header the columns' names; empty for pandas' unnamed index
     * @param rows   one cell for each column
     */
    private LeaderboardTable(List<String> header, List<List<JsonNode>> rows) {
        this.header = header;
        this.rows = rows;
        this.rankColumn = column(RANK);
        this.modelColumn =
                MODEL.stream().map(this::column).flatMap(Optional::stream).findFirst();
        this.otherColumns = otherColumns();
    }

    static LeaderboardTable parse(String csv) throws Leaderboard.Unreadable {
        String text = csv.startsWith("\uFEFF") ? csv.substring(1) : csv;
        List<List<JsonNode>> rows = new ArrayList<>();
        try (CSVParser parser = CSVParser.parse(text, CSVFormat.DEFAULT)) {
            List<String> header = List.of();
            for (CSVRecord record : parser) {
                if (record.getRecordNumber() == 1) {
                    header = header(record);
                } else if (rows.size() == MAX_ROWS) {
                    throw new Leaderboard.Unreadable("more than " + MAX_ROWS + " rows");
                } else {
                    rows.add(cells(record, header.size()));
                }
            }
            return new LeaderboardTable(header, rows);
        } catch (IOException | UncheckedIOException | IllegalStateException malformed) {
            throw new Leaderboard.Unreadable("not a CSV file", malformed);
        }
    }

    private static List<String> header(CSVRecord record) throws Leaderboard.Unreadable {
        if (record.size() > MAX_COLUMNS) {
            throw new Leaderboard.Unreadable("more than " + MAX_COLUMNS + " columns");
        }
        return record.stream().map(String::strip).toList();
    }

    /** Short rows end in empty cells; what is beyond the header has no name and is left out. */
    private static List<JsonNode> cells(CSVRecord record, int columns) {
        return IntStream.range(0, columns)
                .mapToObj(column ->
                        column < record.size() ? cell(record.get(column).strip()) : NullNode.instance)
                .toList();
    }

    private static JsonNode cell(String text) {
        if (NO_VALUE.contains(text.toLowerCase(Locale.ROOT))) {
            return NullNode.instance;
        }
        return NUMBER.matcher(text).matches() ? DecimalNode.valueOf(new BigDecimal(text)) : TextNode.valueOf(text);
    }

    /** One cell for each column. */
    List<List<JsonNode>> rows() {
        return rows;
    }

    Optional<Integer> rankColumn() {
        return rankColumn;
    }

    /** Tools write the metric they optimise first. */
    Optional<Score> scoreColumn() {
        for (int column = 0; column < header.size(); column++) {
            String name = AFFIXES.matcher(key(column)).replaceAll("");
            if (HIGHER_IS_BETTER.contains(name) || LOWER_IS_BETTER.contains(name)) {
                return Optional.of(new Score(column, HIGHER_IS_BETTER.contains(name)));
            }
        }
        return Optional.empty();
    }

    JsonNode model(List<JsonNode> cells) {
        return modelColumn.map(cells::get).orElse(NullNode.instance);
    }

    /** Everything but rank and model, by name. */
    Map<String, JsonNode> others(List<JsonNode> cells) {
        Map<String, JsonNode> others = new LinkedHashMap<>();
        otherColumns.forEach((name, column) -> others.put(name, cells.get(column)));
        return others;
    }

    /** Of two columns of one name the first counts, and {@code rank} and {@code model} are taken. */
    private Map<String, Integer> otherColumns() {
        Map<String, Integer> columns = new LinkedHashMap<>();
        Set<Integer> meant =
                Stream.of(rankColumn, modelColumn).flatMap(Optional::stream).collect(Collectors.toSet());
        for (int column = 0; column < header.size(); column++) {
            String name = header.get(column);
            if (!meant.contains(column) && !UNAVAILABLE.contains(name)) {
                columns.putIfAbsent(name, column);
            }
        }
        return columns;
    }

    private Optional<Integer> column(String name) {
        return IntStream.range(0, header.size())
                .filter(column -> key(column).equals(name))
                .boxed()
                .findFirst();
    }

    /** {@code "Model Name"} and {@code model-name} are the same column, and so are R² and r2. */
    private String key(int column) {
        return header.get(column).toLowerCase(Locale.ROOT).replace('²', '2').replaceAll("[ \\-]+", "_");
    }
}
