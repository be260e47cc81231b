package dev.sluice.config;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The written form of durations: one number and one unit, such as {@code 500ms}, {@code 3s}, {@code 10m}, {@code 1h}, {@code 2d}. */
public final class Durations {
    private static final Pattern FORM = Pattern.compile("(\\d{1,18}) ?([A-Za-z]*)");

    /** Largest first; a day is 24 hours. */
    private static final List<Unit> UNITS = List.of(
            new Unit("d", ChronoUnit.DAYS),
            new Unit("h", ChronoUnit.HOURS),
            new Unit("m", ChronoUnit.MINUTES),
            new Unit("s", ChronoUnit.SECONDS),
            new Unit("ms", ChronoUnit.MILLIS));

    private Durations() {}

    /**
     * Reads that form.
     *
     * @throws IllegalArgumentException whose message completes the sentence "'x' …"
     */
    public static Duration parse(String text) {
        Matcher form = FORM.matcher(text);
        if (form.matches()) {
            for (Unit unit : UNITS) {
                if (unit.name.equals(form.group(2))) {
                    try {
                        return Duration.of(Long.parseLong(form.group(1)), unit.length);
                    } catch (ArithmeticException tooLong) {
                        throw new IllegalArgumentException("is too long a duration", tooLong);
                    }
                }
            }
        }
        throw new IllegalArgumentException("is not a duration such as 500ms, 3s, 10m, 1h or 2d");
    }

    /** The shortest exact form, to the millisecond. */
    static String print(Duration duration) {
        long millis = duration.toMillis();
        for (Unit unit : UNITS) {
            long length = unit.length.getDuration().toMillis();
            if (millis >= length && millis % length == 0) {
                return millis / length + unit.name;
            }
        }
        return "0s";
    }

    private record Unit(String name, ChronoUnit length) {}
}
