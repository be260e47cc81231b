package dev.sluice.jobs;

import io.vertx.core.MultiMap;
import java.util.List;
import java.util.Optional;

/** Reads single query parameters; what is wrong with one goes to the {@link Faults} and its default stands in. */
public final class QueryParameters {
    private QueryParameters() {}

    public static Optional<String> text(MultiMap query, String name, Faults faults) {
        List<String> values = query.getAll(name);
        if (values.size() > 1) {
            faults.add(name, "is given more than once");
        }
        return values.stream().findFirst();
    }

    public static long integer(MultiMap query, String name, long fallback, long least, long most, Faults faults) {
        Optional<String> text = text(query, name, faults);
        if (text.isEmpty()) {
            return fallback;
        }
        try {
            long number = Long.parseLong(text.get());
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // Named below, with the range.
        }
        faults.add(name, "must be a whole number from " + least + " to " + most);
        return fallback;
    }
}
