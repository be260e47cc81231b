package dev.sluice.models;

import dev.sluice.jobs.Faults;
import dev.sluice.jobs.QueryParameters;
import io.vertx.core.MultiMap;
import io.vertx.sqlclient.Tuple;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which models a list shows, and in which order; null asks for nothing.
 *
 * @param text somewhere in name, description or tags, whatever the case
 * @param dataset its id or its name
 * @param latest of each name only the last version
 * @param from created at or after
 * @param until created before
 * @param deleted the subject's own that can be restored, instead of the others
 */
record ModelFilter(
        @Nullable String text,
        @Nullable String tag,
        @Nullable Integer qualityMin,
        @Nullable OffsetDateTime from,
        @Nullable OffsetDateTime until,
        @Nullable String dataset,
        boolean latest,
        boolean byQuality,
        boolean deleted) {
    static ModelFilter read(MultiMap query, Faults faults) {
        Optional<String> sort = QueryParameters.text(query, "sort", faults);
        if (sort.isPresent() && !sort.get().equals("recent") && !sort.get().equals("quality")) {
            faults.add("sort", "must be recent or quality");
        }
        int qualityMin = (int) QueryParameters.integer(query, "quality_min", 0, 0, 5, faults);
        return new ModelFilter(
                text(query, "q", faults),
                text(query, "tag", faults),
                qualityMin == 0 ? null : qualityMin,
                time(query, "from", false, faults),
                time(query, "to", true, faults),
                text(query, "dataset", faults),
                flag(query, "latest", faults),
                sort.filter("quality"::equals).isPresent(),
                flag(query, "deleted", faults));
    }

    /** As the parameters from the second on. */
    void addTo(Tuple values) {
        values.addString(text)
                .addString(tag)
                .addInteger(qualityMin)
                .addOffsetDateTime(from)
                .addOffsetDateTime(until)
                .addString(dataset)
                .addBoolean(latest)
                .addBoolean(byQuality)
                .addBoolean(deleted);
    }

    private static @Nullable String text(MultiMap query, String name, Faults faults) {
        Optional<String> text = QueryParameters.text(query, name, faults).filter(value -> !value.isEmpty());
        if (text.isPresent() && text.get().indexOf('\0') >= 0) {
            faults.add(name, "must not contain a NUL character");
            return null;
        }
        return text.orElse(null);
    }

    private static boolean flag(MultiMap query, String name, Faults faults) {
        Optional<String> value = QueryParameters.text(query, name, faults);
        if (value.isPresent() && !value.get().equals("true") && !value.get().equals("false")) {
            faults.add(name, "must be true or false");
        }
        return value.filter("true"::equals).isPresent();
    }

    /** A time, or a day in UTC, which {@code to} includes. */
    private static @Nullable OffsetDateTime time(MultiMap query, String name, boolean end, Faults faults) {
        Optional<String> text = QueryParameters.text(query, name, faults).filter(value -> !value.isEmpty());
        if (text.isEmpty()) {
            return null;
        }
        try {
            if (text.get().indexOf('T') < 0) {
                OffsetDateTime day =
                        inRange(LocalDate.parse(text.get()).atStartOfDay().atOffset(ZoneOffset.UTC));
                return end ? day.plusDays(1) : day;
            }
            // A plus sign in a query is a space once it is decoded.
            OffsetDateTime time = inRange(OffsetDateTime.parse(text.get().replace(' ', '+')));
            return end ? time.plusNanos(1_000) : time;
        } catch (DateTimeException malformed) {
            faults.add(name, "must be a date (2026-01-31) or a time (RFC 3339)");
            return null;
        }
    }

    /** RFC 3339 knows four digits of a year. */
    private static OffsetDateTime inRange(OffsetDateTime time) {
        if (time.getYear() < 1 || time.getYear() > 9998) {
            throw new DateTimeException("year out of range");
        }
        return time;
    }
}
