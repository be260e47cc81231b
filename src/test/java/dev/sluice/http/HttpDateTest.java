package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9110 §5.6.7. */
class HttpDateTest {
    private static final Instant EXAMPLE = Instant.parse("1994-11-06T08:49:37Z");
    private static final long FIRST_SECOND =
            Instant.parse("0000-01-01T00:00:00Z").getEpochSecond();
    private static final long LAST_SECOND =
            Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Sun, 06 Nov 1994 08:49:37 GMT",
                "Sunday, 06-Nov-94 08:49:37 GMT",
                "Sun Nov  6 08:49:37 1994",
                "  Sun, 06 Nov 1994 08:49:37 GMT "
            })
    void allThreeFormatsAreRead(String date) {
        assertThat(HttpDate.parse(date)).contains(EXAMPLE);
    }

    /** RFC 850 alone spells the day out, and not in three letters. */
    @Test
    void theLongestDateIsRead() {
        assertThat(HttpDate.parse("Wednesday, 09-Nov-94 08:49:37 GMT")).contains(EXAMPLE.plus(3, ChronoUnit.DAYS));
    }

    @Test
    void datesAreWrittenAsImfFixdate() {
        assertThat(HttpDate.format(EXAMPLE)).isEqualTo("Sun, 06 Nov 1994 08:49:37 GMT");
        assertThat(HttpDate.format(EXAMPLE.plusNanos(999_999_999))).isEqualTo("Sun, 06 Nov 1994 08:49:37 GMT");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "now",
                "0",
                "1994-11-06T08:49:37Z",
                "Sun, 6 Nov 1994 08:49:37 GMT",
                "Sun, 06 Nov 94 08:49:37 GMT",
                "sun, 06 nov 1994 08:49:37 gmt",
                "Mon, 06 Nov 1994 08:49:37 GMT",
                "Sun, 06 Nov 1994 08:49:37 UTC",
                "Sun, 06 Nov 1994 08:49:37 +0000",
                "Sun, 06 Nov 1994 08:49:37",
                "Sun, 06 Nov 1994 08:49 GMT",
                "Sun, 06 Nov 1994 8:49:37 GMT",
                "Sun, 06 Nov 1994 24:00:00 GMT",
                "Sun, 06 Nov 1994 08:60:37 GMT",
                "Sat, 31 Dec 2016 23:59:60 GMT",
                "Wed, 31 Feb 1994 08:49:37 GMT",
                "Tue, 29 Feb 1994 08:49:37 GMT",
                "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
                "Monday, 06-Nov-94 08:49:37 GMT",
                "Sun, 06-Nov-94 08:49:37 GMT",
                "Sun Nov 6 08:49:37 1994",
                "Sun Nov 06 08:49:37 1994x",
                "Sun Nov  6 08:49:37 1994 GMT"
            })
    void whatIsNoHttpDateIsEmpty(String date) {
        assertThat(HttpDate.parse(date)).isEmpty();
    }

    @Test
    void hostileDatesAreEmpty() {
        assertThat(HttpDate.parse("9".repeat(1_000_000))).isEmpty();
        assertThat(HttpDate.parse(" ".repeat(8_192) + ",")).isEmpty();
        assertThat(HttpDate.parse(",".repeat(33))).isEmpty();
    }

    /** A two-digit year more than 50 years ahead belongs to the past. */
    @ParameterizedTest
    @CsvSource({
        "'Saturday, 07-Nov-76 00:00:00 GMT', 2026-01-01T00:00:00Z, 2076-11-07T00:00:00Z",
        "'Sunday, 07-Nov-77 00:00:00 GMT',   2026-01-01T00:00:00Z, ",
        "'Monday, 07-Nov-77 00:00:00 GMT',   2026-01-01T00:00:00Z, 1977-11-07T00:00:00Z",
        "'Sunday, 07-Nov-77 00:00:00 GMT',   2027-01-01T00:00:00Z, 2077-11-07T00:00:00Z",
    })
    void twoDigitYearsAreReadWithinFiftyYearsAhead(String date, Instant now, Instant expected) {
        assertThat(HttpDate.parse(date, now).orElse(null)).isEqualTo(expected);
    }

    @Test
    void parseInvertsFormatInEveryFormat() {
        Random random = new Random(5_6_7);
        DateTimeFormatter asctime = DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss uuuu", Locale.ENGLISH);
        for (int round = 0; round < 10_000; round++) {
            Instant instant = Instant.ofEpochSecond(random.nextLong(FIRST_SECOND, LAST_SECOND + 1));

            assertThat(HttpDate.parse(HttpDate.format(instant))).contains(instant);
            assertThat(HttpDate.parse(asctime.format(instant.atOffset(ZoneOffset.UTC))))
                    .contains(instant);
        }
    }

    @Test
    void theJdkReadsWhatIsWritten() {
        Random random = new Random(1123);
        for (int round = 0; round < 10_000; round++) {
            Instant instant = Instant.ofEpochSecond(random.nextLong(FIRST_SECOND, LAST_SECOND + 1));

            assertThat(DateTimeFormatter.RFC_1123_DATE_TIME.parse(HttpDate.format(instant), Instant::from))
                    .isEqualTo(instant);
        }
    }

    @Test
    void timesThatCannotBeExpressedBecomeTheNearestThatCan() {
        assertThat(HttpDate.format(Instant.MAX)).isEqualTo("Fri, 31 Dec 9999 23:59:59 GMT");
        assertThat(HttpDate.format(Instant.MIN)).isEqualTo("Sat, 01 Jan 0000 00:00:00 GMT");
        assertThat(new Validators(EntityTag.strong("1"), EXAMPLE.plusMillis(999)).lastModified())
                .isEqualTo(EXAMPLE);
    }
}
