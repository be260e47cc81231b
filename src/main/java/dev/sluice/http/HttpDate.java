package dev.sluice.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.format.SignStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The dates of HTTP (RFC 9110 §5.6.7): written as IMF-fixdate, read in all three formats. */
public final class HttpDate {
    private static final Map<Long, String> DAYS =
            Map.of(1L, "Mon", 2L, "Tue", 3L, "Wed", 4L, "Thu", 5L, "Fri", 6L, "Sat", 7L, "Sun");
    private static final Map<Long, String> LONG_DAYS = Map.of(
            1L, "Monday", 2L, "Tuesday", 3L, "Wednesday", 4L, "Thursday", 5L, "Friday", 6L, "Saturday", 7L, "Sunday");
    private static final Map<Long, String> MONTHS = Map.ofEntries(
            Map.entry(1L, "Jan"),
            Map.entry(2L, "Feb"),
            Map.entry(3L, "Mar"),
            Map.entry(4L, "Apr"),
            Map.entry(5L, "May"),
            Map.entry(6L, "Jun"),
            Map.entry(7L, "Jul"),
            Map.entry(8L, "Aug"),
            Map.entry(9L, "Sep"),
            Map.entry(10L, "Oct"),
            Map.entry(11L, "Nov"),
            Map.entry(12L, "Dec"));

    private static final Instant EARLIEST = Instant.parse("0000-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    /** {@code Sun, 06 Nov 1994 08:49:37 GMT}. */
    private static final DateTimeFormatter IMF_FIXDATE = strict(new DateTimeFormatterBuilder()
            .appendText(ChronoField.DAY_OF_WEEK, DAYS)
            .appendLiteral(", ")
            .appendValue(ChronoField.DAY_OF_MONTH, 2)
            .appendLiteral(' ')
            .appendText(ChronoField.MONTH_OF_YEAR, MONTHS)
            .appendLiteral(' ')
            .appendValue(ChronoField.YEAR, 4)
            .appendPattern(" HH:mm:ss' GMT'"));

    /** {@code Sun Nov  6 08:49:37 1994}, as C's asctime writes it. */
    private static final DateTimeFormatter ASCTIME = strict(new DateTimeFormatterBuilder()
            .appendText(ChronoField.DAY_OF_WEEK, DAYS)
            .appendLiteral(' ')
            .appendText(ChronoField.MONTH_OF_YEAR, MONTHS)
            .appendLiteral(' ')
            .padNext(2)
            .appendValue(ChronoField.DAY_OF_MONTH, 1, 2, SignStyle.NOT_NEGATIVE)
            .appendPattern(" HH:mm:ss ")
            .appendValue(ChronoField.YEAR, 4));

    private HttpDate() {}

    /** IMF-fixdate; parts of a second are dropped, years beyond four digits become the nearest that can be written. */
    public static String format(Instant instant) {
        return IMF_FIXDATE.format(LocalDateTime.ofInstant(expressible(instant), ZoneOffset.UTC));
    }

    /**
     * Any of the three formats, case-sensitive; empty when it is none of them, when the day of the week is wrong, or
     * for a leap second. A two-digit year that seems to lie more than 50 years ahead is taken from the past.
     */
    public static Optional<Instant> parse(String value) {
        return parse(value, Instant.now());
    }

    static Optional<Instant> parse(String value, Instant now) {
        String date = value.strip();
        try {
            return Optional.of(LocalDateTime.parse(date, formatOf(date, now)).toInstant(ZoneOffset.UTC));
        } catch (DateTimeException malformed) {
            return Optional.empty();
        }
    }

    /** The nearest instant that an HTTP date can express. */
    static Instant expressible(Instant instant) {
        if (instant.isBefore(EARLIEST)) {
            return EARLIEST;
        }
        return instant.isAfter(LATEST) ? LATEST : instant.truncatedTo(ChronoUnit.SECONDS);
    }

    private static DateTimeFormatter formatOf(String date, Instant now) {
        return switch (date.indexOf(',')) {
            case -1 -> ASCTIME;
            case 3 -> IMF_FIXDATE;
            default -> rfc850(now);
        };
    }

    /** {@code Sunday, 06-Nov-94 08:49:37 GMT}. */
    private static DateTimeFormatter rfc850(Instant now) {
        int fiftyYearsAhead = now.atOffset(ZoneOffset.UTC).getYear() + 50;
        return strict(new DateTimeFormatterBuilder()
                .appendText(ChronoField.DAY_OF_WEEK, LONG_DAYS)
                .appendLiteral(", ")
                .appendValue(ChronoField.DAY_OF_MONTH, 2)
                .appendLiteral('-')
                .appendText(ChronoField.MONTH_OF_YEAR, MONTHS)
                .appendLiteral('-')
                .appendValueReduced(ChronoField.YEAR, 2, 2, fiftyYearsAhead - 99)
                .appendPattern(" HH:mm:ss' GMT'"));
    }

    private static DateTimeFormatter strict(DateTimeFormatterBuilder format) {
        return format.toFormatter(Locale.ROOT).withResolverStyle(ResolverStyle.STRICT);
    }
}
