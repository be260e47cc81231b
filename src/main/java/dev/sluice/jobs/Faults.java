package dev.sluice.jobs;

import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Everything that is wrong with one request, so that its sender need not find out one by one. Of several faults at one place the
 * first is kept: the others follow from it.
 */
public final class Faults {
    /** So that a body of ten thousand faults is not answered by a larger one. */
    private static final int MOST_LISTED = 50;

    private static final int MOST_IN_SENTENCE = 5;
    private static final int LONGEST_POINTER = 256;

    private final String what;
    private final Map<String, String> byPointer = new LinkedHashMap<>();
    private int unlisted;

    private Faults(String what) {
        this.what = what;
    }

    public static Faults ofBody() {
        return new Faults("The request body is not valid");
    }

    public static Faults ofQuery() {
        return new Faults("The query is not valid");
    }

    /**
     * Notes what is wrong at one place.
     *
     * @param pointer JSON Pointer (RFC 6901) into the body, empty for the whole; the parameter's name for a query
     * @param detail goes on where "{pointer}" left off: "must not be negative"
     */
    public void add(String pointer, String detail) {
        String place = pointer.length() <= LONGEST_POINTER ? pointer : pointer.substring(0, LONGEST_POINTER) + "…";
        if (byPointer.size() < MOST_LISTED) {
            byPointer.putIfAbsent(place, detail);
        } else if (!byPointer.containsKey(place)) {
            unlisted++;
        }
    }

    /** Throws 400 when there is any fault. */
    public void raise() {
        if (!byPointer.isEmpty()) {
            throw new ProblemException(
                    Problem.badRequest(what + ": " + sentence()).with("errors", list()));
        }
    }

    private String sentence() {
        String named = byPointer.entrySet().stream()
                .limit(MOST_IN_SENTENCE)
                .map(fault -> (fault.getKey() + " " + fault.getValue()).strip())
                .collect(Collectors.joining("; "));
        int others = byPointer.size() + unlisted - MOST_IN_SENTENCE;
        return others > 0 ? named + "; and " + others + " more" : named;
    }

    private List<Map<String, String>> list() {
        return byPointer.entrySet().stream()
                .map(fault -> Map.of("pointer", fault.getKey(), "detail", fault.getValue()))
                .toList();
    }
}
