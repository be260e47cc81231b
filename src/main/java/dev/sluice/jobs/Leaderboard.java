package dev.sluice.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The models of an AutoML job, best first, from a CSV file with a header row.
 *
 * <p>The order is that of a {@code rank} column; else of the first column that is a score we know, in the direction in which that
 * score is good; else of the file. Rows without that number come last.
 */
public record Leaderboard(List<Row> rows) {
    /** Bytes of the file. */
    public static final int MAX_SIZE = 1024 * 1024;

    /**
     * One model.
     *
     * @param rank    what the file's {@code rank} column says, else the place, from 1 on
     * @param model   its name; null when no column is called so
     * @param columns the others under the file's own names and in its order: numbers, text, or null for an empty cell and for what
     *                is not a number
     */
    public record Row(JsonNode rank, JsonNode model, Map<String, JsonNode> columns) {
        ObjectNode toJson() {
            ObjectNode json = Json.object();
            json.set("rank", rank);
            json.set("model", model);
            json.setAll(columns);
            return json;
        }
    }

    /** The file is no table. */
    public static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1;

        Unreadable(String message) {
            super(message);
        }

        Unreadable(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Reads a file of at most {@link #MAX_SIZE} bytes of UTF-8. */
    public static Leaderboard parse(byte[] csv) throws Unreadable {
        if (csv.length > MAX_SIZE) {
            throw new Unreadable("more than " + MAX_SIZE + " bytes");
        }
        LeaderboardTable table = LeaderboardTable.parse(new String(csv, StandardCharsets.UTF_8));
        Optional<Integer> rankColumn = table.rankColumn();
        List<List<JsonNode>> sorted = new ArrayList<>(table.rows());
        order(table, rankColumn).ifPresent(sorted::sort);
        List<Row> rows = new ArrayList<>(sorted.size());
        for (List<JsonNode> cells : sorted) {
            JsonNode rank = rankColumn.isPresent() ? cells.get(rankColumn.get()) : Json.number(rows.size() + 1);
            rows.add(new Row(rank, table.model(cells), table.others(cells)));
        }
        return new Leaderboard(List.copyOf(rows));
    }

    private static Optional<Comparator<List<JsonNode>>> order(LeaderboardTable table, Optional<Integer> rankColumn) {
        if (rankColumn.isPresent()) {
            return Optional.of(byNumber(rankColumn.get(), false));
        }
        return table.scoreColumn().map(score -> byNumber(score.column(), score.higherIsBetter()));
    }

    /** Stable: what is equally good stays in the order of the file. */
    private static Comparator<List<JsonNode>> byNumber(int column, boolean largestFirst) {
        Comparator<BigDecimal> best = largestFirst ? Comparator.reverseOrder() : Comparator.naturalOrder();
        return Comparator.comparing(cells -> number(cells.get(column)), Comparator.nullsLast(best));
    }

    private static @Nullable BigDecimal number(JsonNode cell) {
        return cell.isNumber() ? cell.decimalValue() : null;
    }

    ObjectNode toJson() {
        ObjectNode json = Json.object();
        json.set("leaderboard", Json.array(rows, Row::toJson));
        return json;
    }
}
