package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Single rules; {@link PreconditionOrderTest} has their order in every combination. */
class DecisionTest {
    private static final Instant MODIFIED = Instant.parse("2026-03-01T12:00:00.750Z");
    private static final String DATE = HttpDate.format(MODIFIED);
    private static final String EARLIER = HttpDate.format(MODIFIED.minusSeconds(1));
    private static final String LATER = HttpDate.format(MODIFIED.plusSeconds(1));
    private static final Validators VALIDATORS = new Validators(EntityTag.strong("now"), MODIFIED);
    private static final Decision FIRST_TEN = new Decision.Part(new ByteRange(0, 9));

    @Test
    void aPlainRequestGetsTheWhole() {
        assertThat(decide("GET")).isEqualTo(new Decision.Whole());
        assertThat(decide("HEAD")).isEqualTo(new Decision.Whole());
    }

    @Test
    void aRangeGetsItsPartAndOneBeyondTheEndNone() {
        assertThat(decide("GET", "Range", "bytes=0-9")).isEqualTo(FIRST_TEN);
        assertThat(decide("GET", "Range", "bytes=100-")).isEqualTo(new Decision.Unsatisfiable());
    }

    /** RFC 9110 §14.2: Range is only defined for GET. */
    @ParameterizedTest
    @ValueSource(strings = {"HEAD", "POST", "get"})
    void rangeIsForGetAlone(String method) {
        assertThat(decide(method, "Range", "bytes=0-9")).isEqualTo(new Decision.Whole());
        assertThat(decide(method, "Range", "bytes=100-")).isEqualTo(new Decision.Whole());
    }

    /** RFC 9110 §13.1.2: other methods must not go on, and have no copy to be told of. */
    @Test
    void noneMatchIs304ForReadsAnd412ForOthers() {
        assertThat(decide("GET", "If-None-Match", "\"now\"")).isEqualTo(new Decision.NotModified());
        assertThat(decide("HEAD", "If-None-Match", "W/\"now\"")).isEqualTo(new Decision.NotModified());
        assertThat(decide("PUT", "If-None-Match", "*")).isEqualTo(new Decision.PreconditionFailed());
    }

    @Test
    void aChangeIsPermittedWhenAllItsConditionsHold() {
        Optional<Validators> there = Optional.of(VALIDATORS);
        assertThat(permits(there)).isTrue();
        assertThat(permits(there, "If-Match", "\"now\"", "If-None-Match", "\"old\""))
                .isTrue();
        assertThat(permits(there, "If-Unmodified-Since", DATE)).isTrue();
        assertThat(permits(there, "If-Modified-Since", DATE, "Range", "bytes=100-"))
                .isTrue();
        assertThat(permits(there, "If-Match", "W/\"now\"")).isFalse();
        assertThat(permits(there, "If-None-Match", "W/\"now\"")).isFalse();
        assertThat(permits(there, "If-None-Match", "*")).isFalse();
        assertThat(permits(there, "If-Unmodified-Since", EARLIER)).isFalse();
    }

    /** RFC 9110 §13.1.1, §13.1.2, §13.1.4. */
    @Test
    void whatIsNotThereMatchesNothingAndHasNoDate() {
        assertThat(permits(Optional.empty())).isTrue();
        assertThat(permits(Optional.empty(), "If-None-Match", "*")).isTrue();
        assertThat(permits(Optional.empty(), "If-None-Match", "\"now\"")).isTrue();
        assertThat(permits(Optional.empty(), "If-Unmodified-Since", EARLIER)).isTrue();
        assertThat(permits(Optional.empty(), "If-Match", "*")).isFalse();
        assertThat(permits(Optional.empty(), "If-Match", "\"now\"", "If-None-Match", "*"))
                .isFalse();
        assertThat(Decision.permitsChange(ConditionalRequest.from("PUT", "now", lines()), Optional.empty()))
                .isFalse();
    }

    /** RFC 9110 §13.1.1 and §8.8.3.2: strong comparison. */
    @Test
    void aWeakTagNeverSatisfiesIfMatch() {
        assertThat(decide("GET", "If-Match", "W/\"now\"")).isEqualTo(new Decision.PreconditionFailed());
    }

    /** RFC 9110 §13.1.3, §13.1.4: Last-Modified has whole seconds, and so has the comparison. */
    @Test
    void datesCompareInWholeSeconds() {
        assertThat(decide("GET", "If-Modified-Since", DATE)).isEqualTo(new Decision.NotModified());
        assertThat(decide("GET", "If-Modified-Since", LATER)).isEqualTo(new Decision.NotModified());
        assertThat(decide("GET", "If-Modified-Since", EARLIER)).isEqualTo(new Decision.Whole());
        assertThat(decide("GET", "If-Unmodified-Since", DATE)).isEqualTo(new Decision.Whole());
        assertThat(decide("GET", "If-Unmodified-Since", EARLIER)).isEqualTo(new Decision.PreconditionFailed());
    }

    @Test
    void ifModifiedSinceIsForReadsOnly() {
        assertThat(decide("POST", "If-Modified-Since", DATE)).isEqualTo(new Decision.Whole());
    }

    /** RFC 9110 §13.1.3: more than one member makes the date invalid, so the field is ignored. */
    @Test
    void aRepeatedDateIsIgnored() {
        ConditionalRequest request = ConditionalRequest.from(
                "GET", null, name -> name.equals("If-Modified-Since") ? List.of(DATE, DATE) : List.of());

        assertThat(Decision.decide(request, VALIDATORS, 100, RangePolicy.ALWAYS))
                .isEqualTo(new Decision.Whole());
    }

    @Test
    void theLinesOfATagListAreOneList() {
        ConditionalRequest request = ConditionalRequest.from(
                "GET", null, name -> name.equals("If-None-Match") ? List.of("\"old\"", "\"now\"") : List.of());

        assertThat(Decision.decide(request, VALIDATORS, 100, RangePolicy.ALWAYS))
                .isEqualTo(new Decision.NotModified());
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {"now", "\"now\""})
    void aPinnedVersionThatIsCurrentIsServed(String version) {
        assertThat(decidePinned(version, "Range", "bytes=0-9")).isEqualTo(FIRST_TEN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "old", "\"old\"", "W/\"now\"", "now\"", "*"})
    void aPinnedVersionThatIsNotCurrentFails(String version) {
        assertThat(decidePinned(version)).isEqualTo(new Decision.PreconditionFailed());
        assertThat(decidePinned(version, "Range", "bytes=100-")).isEqualTo(new Decision.PreconditionFailed());
        assertThat(decidePinned(version, "If-None-Match", "\"now\"")).isEqualTo(new Decision.PreconditionFailed());
    }

    @Test
    void movingContentGivesPartsOnlyToThoseWhoNameItsVersion() {
        assertThat(decideMoving("Range", "bytes=0-9")).isEqualTo(new Decision.Whole());
        assertThat(decideMoving("Range", "bytes=100-")).isEqualTo(new Decision.Whole());
        assertThat(decideMoving("Range", "bytes=0-9", "If-Range", "\"now\"")).isEqualTo(FIRST_TEN);
        assertThat(decideMoving("Range", "bytes=0-9", "If-Match", "\"old\", \"now\""))
                .isEqualTo(FIRST_TEN);
        assertThat(decideMoving("Range", "bytes=100-", "If-Match", "\"now\"")).isEqualTo(new Decision.Unsatisfiable());
    }

    /** An asterisk holds whatever the content has become, a date cannot tell two changes within its second. */
    @Test
    void neitherAnAsteriskNorADatePinsMovingContent() {
        assertThat(decideMoving("Range", "bytes=0-9", "If-Match", "*")).isEqualTo(new Decision.Whole());
        assertThat(decideMoving("Range", "bytes=0-9", "If-Range", DATE)).isEqualTo(new Decision.Whole());
        assertThat(decideMoving("Range", "bytes=0-9", "If-Unmodified-Since", DATE))
                .isEqualTo(new Decision.Whole());
    }

    /** RFC 9110 §13.1.5: exactly the date, not before and not after. */
    @Test
    void ifRangeWithADateHoldsForExactlyThatDate() {
        assertThat(decide("GET", "Range", "bytes=0-9", "If-Range", DATE)).isEqualTo(FIRST_TEN);
        assertThat(decide("GET", "Range", "bytes=0-9", "If-Range", EARLIER)).isEqualTo(new Decision.Whole());
        assertThat(decide("GET", "Range", "bytes=0-9", "If-Range", LATER)).isEqualTo(new Decision.Whole());
    }

    /** RFC 9110 §14.2: once the preconditions hold, a range without a byte is 416. */
    @Test
    void ifRangeThatHoldsLetsTheRangeBeUnsatisfiable() {
        assertThat(decide("GET", "Range", "bytes=100-", "If-Range", "\"now\"")).isEqualTo(new Decision.Unsatisfiable());
        assertThat(decide("GET", "Range", "bytes=100-", "If-Range", "\"old\"")).isEqualTo(new Decision.Whole());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "*", "now", "\"now", "\"now\", \"now\"", "W/\"now\"", "Sun, 01 Mar 2026"})
    void ifRangeThatIsNoStrongValidatorGivesTheWhole(String value) {
        assertThat(decide("GET", "Range", "bytes=0-9", "If-Range", value)).isEqualTo(new Decision.Whole());
    }

    @Test
    void eachDecisionHasItsStatus() {
        assertThat(new Decision.Whole().status()).isEqualTo(200);
        assertThat(FIRST_TEN.status()).isEqualTo(206);
        assertThat(new Decision.NotModified().status()).isEqualTo(304);
        assertThat(new Decision.PreconditionFailed().status()).isEqualTo(412);
        assertThat(new Decision.Unsatisfiable().status()).isEqualTo(416);
    }

    private static Decision decide(String method, String... fields) {
        return Decision.decide(
                ConditionalRequest.from(method, null, lines(fields)), VALIDATORS, 100, RangePolicy.ALWAYS);
    }

    private static boolean permits(Optional<Validators> current, String... fields) {
        return Decision.permitsChange(ConditionalRequest.from("PUT", null, lines(fields)), current);
    }

    private static Decision decidePinned(String version, String... fields) {
        return Decision.decide(
                ConditionalRequest.from("GET", version, lines(fields)), VALIDATORS, 100, RangePolicy.ONLY_WHEN_PINNED);
    }

    private static Decision decideMoving(String... fields) {
        return Decision.decide(
                ConditionalRequest.from("GET", null, lines(fields)), VALIDATORS, 100, RangePolicy.ONLY_WHEN_PINNED);
    }

    private static Function<String, List<String>> lines(String... fields) {
        Map<String, List<String>> lines = new HashMap<>();
        for (int i = 0; i < fields.length; i += 2) {
            lines.put(fields[i], List.of(fields[i + 1]));
        }
        return name -> lines.getOrDefault(name, List.of());
    }
}
