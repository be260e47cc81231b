package dev.sluice.config;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * A value that somebody set.
 *
 * @param key its name in that source: a key, or an environment variable
 * @param origin where, for people
 * @param values one, or what a YAML list holds
 */
record Given(String key, String origin, List<String> values, boolean isList) {
    static Given one(String key, String origin, String value) {
        return new Given(key, origin, List.of(value), false);
    }

    List<String> items() {
        Stream<String> written =
                isList ? values.stream() : Arrays.stream(values.get(0).split(","));
        return written.map(String::strip).filter(item -> !item.isEmpty()).toList();
    }

    String fault(String what) {
        return key + " (" + origin + ") " + what;
    }
}
