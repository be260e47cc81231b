package dev.sluice.ingest;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The {@code Content-Range} of a 206 (RFC 9110 §14.4).
 *
 * @param end exclusive
 * @param total of the whole representation, when told
 */
record AnsweredRange(long start, long end, OptionalLong total) {
    private static final Pattern FORM = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");
    private static final Pattern UNSATISFIED = Pattern.compile("bytes \\*/(\\d{1,18})");

    static Optional<AnsweredRange> parse(@Nullable String field) {
        Matcher form = FORM.matcher(field == null ? "" : field.strip());
        if (!form.matches()) {
            return Optional.empty();
        }
        long start = Long.parseLong(form.group(1));
        long end = Long.parseLong(form.group(2)) + 1;
        OptionalLong total =
                form.group(3).equals("*") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(form.group(3)));
        boolean possible = start < end && (total.isEmpty() || end <= total.getAsLong());
        return possible ? Optional.of(new AnsweredRange(start, end, total)) : Optional.empty();
    }

    /** The length that a 416 tells. */
    static OptionalLong unsatisfied(@Nullable String field) {
        Matcher form = UNSATISFIED.matcher(field == null ? "" : field.strip());
        return form.matches() ? OptionalLong.of(Long.parseLong(form.group(1))) : OptionalLong.empty();
    }
}
