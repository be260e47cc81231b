package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class RangeRequestTest {
    private static final RangeRequest IGNORED = new RangeRequest.Ignored();
    private static final RangeRequest UNSATISFIABLE = new RangeRequest.Unsatisfiable();

    /** RFC 9110 §14.1.2, its examples first. */
    @ParameterizedTest
    @CsvSource({
        "bytes=0-499,      10000, 0,    499",
        "bytes=500-999,    10000, 500,  999",
        "bytes=-500,       10000, 9500, 9999",
        "bytes=9500-,      10000, 9500, 9999",
        "bytes=0-0,        10000, 0,    0",
        "bytes=-1,         10000, 9999, 9999",
        "bytes=9999-9999,  10000, 9999, 9999",
        "bytes=0-99999,    10000, 0,    9999",
        "bytes=0-,         1,     0,    0",
        "bytes=000-0009,   10000, 0,    9",
        "bytes=0005-9,     10000, 5,    9",
        "bytes=5-0009,     10000, 5,    9",
        "BYTES=1-2,        10000, 1,    2",
        "bytes= 1-2 ,      10000, 1,    2",
    })
    void oneRangeIsCutAtTheEnd(String field, long total, long first, long last) {
        assertThat(RangeRequest.parse(field, total)).isEqualTo(satisfiable(first, last));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=-100", "bytes=-101", "bytes=-99999999999999999999999"})
    void suffixRangeLongerThanTheFileReturnsTheWhole(String field) {
        assertThat(RangeRequest.parse(field, 100)).isEqualTo(satisfiable(0, 99));
    }

    /** RFC 9110 §5.6.1.2: a recipient accepts empty list members. */
    @ParameterizedTest
    @ValueSource(strings = {"bytes=0-9,", "bytes=,0-9", "bytes=, ,0-9 , ,", "bytes=\t,0-9"})
    void emptyListMembersAreNoRanges(String field) {
        assertThat(RangeRequest.parse(field, 100)).isEqualTo(satisfiable(0, 9));
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(
            strings = {
                "bytes",
                "bytes=",
                "bytes=,",
                "bytes=-",
                "bytes=--1",
                "bytes=1",
                "bytes=a-b",
                "bytes=0-b",
                "bytes=0x0-1",
                "bytes=0 -1",
                "bytes=0- 1",
                "bytes=- 1",
                "bytes =0-1",
                " bytes=0-1",
                "bytes=+0-1",
                "bytes=0-+1",
                "bytes=0-1-2",
                "bytes=0-1 2-3",
                "bytes=0-1;q=1",
                "bytes:0-1",
                "bytes 0-1/2",
                "=0-1",
                "bytes==0-1",
                "bytes=\u0660-\u0661",
                "bytes=0-1\u0000",
                "bytes=0\u20131"
            })
    void malformedIsIgnored(@Nullable String field) {
        assertThat(RangeRequest.parse(field, 100)).isEqualTo(IGNORED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"items=0-1", "byte=0-1", "seconds=1-2", "none"})
    void otherUnitsAreIgnored(String field) {
        assertThat(RangeRequest.parse(field, 100)).isEqualTo(IGNORED);
    }

    /** RFC 9110 §14.1.1: a last position before the first makes the whole set invalid. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "bytes=2-1",
                "bytes=500-499",
                "bytes=9-0005",
                "bytes=0009-5",
                "bytes=100000000000000000000-99999999999999999999",
                "bytes=9223372036854775808-9223372036854775807"
            })
    void aLastPositionBeforeTheFirstIsIgnored(String field) {
        assertThat(RangeRequest.parse(field, 100)).isEqualTo(IGNORED);
    }

    /** RFC 9110 §14.2: a server may ignore any Range. */
    @ParameterizedTest
    @ValueSource(strings = {"bytes=0-1,3-4", "bytes=0-0, -1", "bytes=0-,0-,0-", "bytes=200-,300-", "bytes=0-1, junk"})
    void severalRangesAreIgnored(String field) {
        assertThat(RangeRequest.parse(field, 100)).isEqualTo(IGNORED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bytes=100-",
                "bytes=100-100",
                "bytes=101-200",
                "bytes=-0",
                "bytes=-000",
                "bytes=9223372036854775807-",
                "bytes=9223372036854775808-",
                "bytes=99999999999999999999-999999999999999999999"
            })
    void aRangeWithoutAByteIsUnsatisfiable(String field) {
        assertThat(RangeRequest.parse(field, 100)).isEqualTo(UNSATISFIABLE);
    }

    @Test
    void anEmptyFileHasNoPositionsAndItsSuffixIsAllOfIt() {
        assertThat(RangeRequest.parse("bytes=0-", 0)).isEqualTo(UNSATISFIABLE);
        assertThat(RangeRequest.parse("bytes=0-0", 0)).isEqualTo(UNSATISFIABLE);
        assertThat(RangeRequest.parse("bytes=-0", 0)).isEqualTo(UNSATISFIABLE);
        assertThat(RangeRequest.parse("bytes=-5", 0)).isEqualTo(IGNORED);
    }

    @Test
    void theGreatestLengthDoesNotOverflow() {
        long total = Long.MAX_VALUE;

        assertThat(RangeRequest.parse("bytes=0-", total)).isEqualTo(satisfiable(0, total - 1));
        assertThat(RangeRequest.parse("bytes=9223372036854775806-", total))
                .isEqualTo(satisfiable(total - 1, total - 1));
        assertThat(RangeRequest.parse("bytes=9223372036854775807-", total)).isEqualTo(UNSATISFIABLE);
        assertThat(RangeRequest.parse("bytes=-9223372036854775807", total)).isEqualTo(satisfiable(0, total - 1));
        assertThat(new ByteRange(0, total - 1).length()).isEqualTo(total);
    }

    @Test
    void numbersOfTenThousandDigitsAreCompared() {
        String nines = "9".repeat(10_000);
        String zeros = "0".repeat(10_000);

        assertThat(RangeRequest.parse("bytes=0-" + nines, 100)).isEqualTo(satisfiable(0, 99));
        assertThat(RangeRequest.parse("bytes=" + nines + "-", 100)).isEqualTo(UNSATISFIABLE);
        assertThat(RangeRequest.parse("bytes=-" + nines, 100)).isEqualTo(satisfiable(0, 99));
        assertThat(RangeRequest.parse("bytes=" + zeros + "1-" + zeros + "2", 100))
                .isEqualTo(satisfiable(1, 2));
        assertThat(RangeRequest.parse("bytes=-" + zeros, 100)).isEqualTo(UNSATISFIABLE);
        assertThat(RangeRequest.parse("bytes=1" + nines + "-" + nines, 100)).isEqualTo(IGNORED);
    }

    @Test
    void aMillionRangesAreIgnored() {
        assertThat(RangeRequest.parse("bytes=" + "0-,".repeat(1_000_000), 100)).isEqualTo(IGNORED);
        assertThat(RangeRequest.parse("bytes=" + ",".repeat(1_000_000), 100)).isEqualTo(IGNORED);
    }

    /** Against the words of RFC 9110 §14.1.2 in exact arithmetic. */
    @Test
    void everyRangeAgreesWithExactArithmetic() {
        Random random = new Random(14_1_2);
        for (int round = 0; round < 50_000; round++) {
            long total = randomLong(random);
            BigInteger first = randomNumber(random, total);
            BigInteger last = randomNumber(random, total);

            assertThat(RangeRequest.parse("bytes=" + first + "-" + last, total))
                    .as("bytes=%s-%s of %d", first, last, total)
                    .isEqualTo(expected(first, last, BigInteger.valueOf(total)));
        }
    }

    @Test
    void aRangeWritesItsContentRange() {
        assertThat(new ByteRange(0, 99).contentRange(1234)).isEqualTo("bytes 0-99/1234");
        assertThat(new ByteRange(0, 99).length()).isEqualTo(100);
        assertThat(new ByteRange(500, 999).length()).isEqualTo(500);
        assertThat(ByteRange.unsatisfied(0)).isEqualTo("bytes */0");
    }

    @ParameterizedTest
    @CsvSource({"-1, 0", "1, 0", "0, 9223372036854775807"})
    void noRangeIsMadeThatHasNoLength(long first, long last) {
        assertThatThrownBy(() -> new ByteRange(first, last)).isInstanceOf(IllegalArgumentException.class);
    }

    private static RangeRequest satisfiable(long first, long last) {
        return new RangeRequest.Satisfiable(new ByteRange(first, last));
    }

    private static RangeRequest expected(BigInteger first, BigInteger last, BigInteger total) {
        if (last.compareTo(first) < 0) {
            return IGNORED;
        }
        if (first.compareTo(total) >= 0) {
            return UNSATISFIABLE;
        }
        return satisfiable(
                first.longValueExact(), last.min(total.subtract(BigInteger.ONE)).longValueExact());
    }

    private static long randomLong(Random random) {
        return random.nextLong() >>> (1 + random.nextInt(63));
    }

    /** Near the end, near the limits of a long, or anywhere. */
    private static BigInteger randomNumber(Random random, long total) {
        BigInteger near = BigInteger.valueOf(random.nextInt(5) - 2);
        BigInteger number = switch (random.nextInt(4)) {
            case 0 -> BigInteger.valueOf(total).add(near);
            case 1 -> BigInteger.valueOf(Long.MAX_VALUE).add(near);
            case 2 -> new BigInteger(1 + random.nextInt(200), random);
            default -> BigInteger.valueOf(randomLong(random));
        };
        return number.max(BigInteger.ZERO);
    }
}
