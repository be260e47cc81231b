package dev.sluice.jobs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.MultiMap;

/**
 * Which part of a list is asked for.
 *
 * @param number from 1 on
 * @param limit  1 to {@value #MAX_LIMIT} elements a page
 */
public record Page(int number, int limit) {
    static final int DEFAULT_LIMIT = 20;
    static final int MAX_LIMIT = 100;

    static Page read(MultiMap query, Faults faults) {
        return read(query, DEFAULT_LIMIT, faults);
    }

    /**
     * Reads {@code page} and {@code limit}.
     *
     * @param defaultLimit elements a page when the query does not say
     */
    public static Page read(MultiMap query, int defaultLimit, Faults faults) {
        return new Page((int) QueryParameters.integer(query, "page", 1, 1, Integer.MAX_VALUE, faults), (int)
                QueryParameters.integer(query, "limit", defaultLimit, 1, MAX_LIMIT, faults));
    }

    /** Elements before this page. */
    public long offset() {
        return (number - 1L) * limit;
    }

    public ObjectNode toJson(long total) {
        return Json.object()
                .put("page", number)
                .put("limit", limit)
                .put("total", total)
                .put("totalPages", (total + limit - 1) / limit);
    }
}
