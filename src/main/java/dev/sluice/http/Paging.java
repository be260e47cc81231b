package dev.sluice.http;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Which part of a list a query asks for.
 *
 * @param page  from 1 on
 * @param limit 1 to {@value #MOST} elements a page
 */
public record Paging(int page, int limit) {
    private static final int MOST = 100;
    private static final int USUAL = 20;

    /**
     * Reads {@code page} and {@code limit}.
     *
     * @param query all values of a parameter
     * @throws ProblemException 400 when one of them is no number in its range
     */
    public static Paging from(Function<String, List<String>> query) {
        return from(query, USUAL, (name, detail) -> {
            throw new ProblemException(Problem.badRequest("The query is not valid: " + name + " " + detail)
                    .with("errors", List.of(Map.of("pointer", name, "detail", detail))));
        });
    }

    /**
     * As {@link #from(Function)}, for a query that may have more faults.
     *
     * @param faults is told each by its parameter and what is wrong with it; a default stands in
     */
    public static Paging from(Function<String, List<String>> query, BiConsumer<String, String> faults) {
        return from(query, USUAL, faults);
    }

    /**
     * As {@link #from(Function, BiConsumer)}.
     *
     * @param usual elements a page when the query does not say
     */
    public static Paging from(Function<String, List<String>> query, int usual, BiConsumer<String, String> faults) {
        return new Paging(
                number(query, "page", 1, Integer.MAX_VALUE, faults), number(query, "limit", usual, MOST, faults));
    }

    private static int number(
            Function<String, List<String>> query, String name, int usual, int most, BiConsumer<String, String> faults) {
        List<String> values = query.apply(name);
        if (values.isEmpty()) {
            return usual;
        }
        try {
            int number = Integer.parseInt(values.get(0));
            if (values.size() == 1 && number >= 1 && number <= most) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // Told below, with the range.
        }
        faults.accept(name, "must be one whole number from 1 to " + most);
        return usual;
    }

    /** Elements before this page. */
    public long offset() {
        return (page - 1L) * limit;
    }

    /** As every list tells it. */
    public Map<String, Object> describe(long total) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("page", page);
        members.put("limit", limit);
        members.put("total", total);
        members.put("totalPages", (total + limit - 1) / limit);
        return members;
    }
}
