package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The order of RFC 9110 §13.2.2 in every combination of fields that are absent, hold, fail or cannot be read. The oracle
 * parses nothing: each value comes with what it means, and the oracle only walks through the steps of the text.
 */
class PreconditionOrderTest {
    private static final long LENGTH = 100;
    private static final Validators VALIDATORS =
            new Validators(EntityTag.strong("now"), Instant.parse("2026-03-01T12:00:00Z"));
    private static final String SAME_DATE = "Sun, 01 Mar 2026 12:00:00 GMT";
    private static final String EARLIER_DATE = "Sun, 01 Mar 2026 11:59:59 GMT";
    private static final String LATER_DATE = "Sun, 01 Mar 2026 12:00:01 GMT";

    private enum Meaning {
        ABSENT,
        HOLDS,
        /** Holds, but for any content. */
        HOLDS_FOR_ANY,
        FAILS,
        /** Holds where a date is a strong validator. */
        HOLDS_AS_DATE
    }

    private record Field(@Nullable String value, Meaning meaning) {}

    private static final Field ABSENT = new Field(null, Meaning.ABSENT);

    private static final List<Field> VERSIONS =
            List.of(ABSENT, new Field("now", Meaning.HOLDS), new Field("old", Meaning.FAILS));

    private static final List<Field> IF_MATCH = List.of(
            ABSENT,
            new Field("*", Meaning.HOLDS_FOR_ANY),
            new Field("\"old\", \"now\"", Meaning.HOLDS),
            new Field("W/\"now\"", Meaning.FAILS),
            new Field("now", Meaning.FAILS));

    /** A date that cannot be read means the same as none (§13.1.4). */
    private static final List<Field> IF_UNMODIFIED_SINCE = List.of(
            ABSENT,
            new Field(SAME_DATE, Meaning.HOLDS),
            new Field(EARLIER_DATE, Meaning.FAILS),
            new Field("yesterday", Meaning.ABSENT));

    /** The condition holds when nothing matches (§13.1.2). */
    private static final List<Field> IF_NONE_MATCH = List.of(
            ABSENT,
            new Field("*", Meaning.FAILS),
            new Field("W/\"now\"", Meaning.FAILS),
            new Field("\"old\"", Meaning.HOLDS),
            new Field("now", Meaning.HOLDS));

    private static final List<Field> IF_MODIFIED_SINCE = List.of(
            ABSENT,
            new Field(EARLIER_DATE, Meaning.HOLDS),
            new Field(LATER_DATE, Meaning.FAILS),
            new Field("yesterday", Meaning.ABSENT));

    private static final List<Field> IF_RANGE = List.of(
            ABSENT,
            new Field("\"now\"", Meaning.HOLDS),
            new Field("W/\"now\"", Meaning.FAILS),
            new Field(SAME_DATE, Meaning.HOLDS_AS_DATE),
            new Field(LATER_DATE, Meaning.FAILS),
            new Field("junk", Meaning.FAILS));

    private record RangeField(@Nullable String value, Decision processed) {}

    private static final List<RangeField> RANGES = List.of(
            new RangeField(null, new Decision.Whole()),
            new RangeField("bytes=10-19", new Decision.Part(new ByteRange(10, 19))),
            new RangeField("bytes=100-", new Decision.Unsatisfiable()),
            new RangeField("bytes=0-1,5-6", new Decision.Whole()));

    /** One combination of everything. */
    private record Case(
            String method,
            Field version,
            Field ifMatch,
            Field ifUnmodifiedSince,
            Field ifNoneMatch,
            Field ifModifiedSince,
            Field ifRange,
            RangeField range,
            RangePolicy policy) {
        Decision decided() {
            ConditionalRequest request = new ConditionalRequest(
                    method,
                    version.value,
                    ifMatch.value,
                    ifUnmodifiedSince.value,
                    ifNoneMatch.value,
                    ifModifiedSince.value,
                    ifRange.value,
                    range.value);
            return Decision.decide(request, VALIDATORS, LENGTH, policy);
        }

        Decision expected() {
            // Ours: a version in the URL is a condition before all others.
            if (version.meaning == Meaning.FAILS) {
                return new Decision.PreconditionFailed();
            }
            return step1();
        }

        /** "When recipient is the origin server and If-Match is present …". */
        private Decision step1() {
            return switch (ifMatch.meaning) {
                case ABSENT -> step2();
                case FAILS -> new Decision.PreconditionFailed();
                default -> step3();
            };
        }

        /** "… If-Match is not present, and If-Unmodified-Since is present …". */
        private Decision step2() {
            return ifUnmodifiedSince.meaning == Meaning.FAILS ? new Decision.PreconditionFailed() : step3();
        }

        /** "When If-None-Match is present …". */
        private Decision step3() {
            boolean getOrHead = List.of("GET", "HEAD").contains(method);
            return switch (ifNoneMatch.meaning) {
                case ABSENT -> step4(getOrHead);
                case FAILS -> getOrHead ? new Decision.NotModified() : new Decision.PreconditionFailed();
                default -> step5();
            };
        }

        /** "When the method is GET or HEAD, If-None-Match is not present, and If-Modified-Since is present …". */
        private Decision step4(boolean getOrHead) {
            return getOrHead && ifModifiedSince.meaning == Meaning.FAILS ? new Decision.NotModified() : step5();
        }

        /** "When the method is GET and both Range and If-Range are present …". */
        private Decision step5() {
            if (method.equals("GET") && range.value != null && ifRange.meaning != Meaning.ABSENT) {
                boolean holds = ifRange.meaning == Meaning.HOLDS
                        || (ifRange.meaning == Meaning.HOLDS_AS_DATE && policy == RangePolicy.ALWAYS);
                return holds ? range.processed : new Decision.Whole();
            }
            return step6();
        }

        /** "Otherwise, perform the requested method …": with Range where the method and our policy know it. */
        private Decision step6() {
            boolean pinned = version.meaning == Meaning.HOLDS || ifMatch.meaning == Meaning.HOLDS;
            boolean honoursRange = method.equals("GET") && (policy == RangePolicy.ALWAYS || pinned);
            return honoursRange ? range.processed : new Decision.Whole();
        }
    }

    @Test
    void everyCombinationFollowsTheStepsOfTheText() {
        int cases = 0;
        for (String method : List.of("GET", "HEAD", "POST")) {
            for (RangePolicy policy : RangePolicy.values()) {
                for (RangeField range : RANGES) {
                    for (Field ifRange : IF_RANGE) {
                        cases += checkPreconditions(method, ifRange, range, policy);
                    }
                }
            }
        }
        assertThat(cases).isEqualTo(3 * 2 * 4 * 6 * (3 * 5 * 4 * 5 * 4));
    }

    private static int checkPreconditions(String method, Field ifRange, RangeField range, RangePolicy policy) {
        int cases = 0;
        for (Field version : VERSIONS) {
            for (Field ifMatch : IF_MATCH) {
                for (Field unmodified : IF_UNMODIFIED_SINCE) {
                    for (Field noneMatch : IF_NONE_MATCH) {
                        for (Field modified : IF_MODIFIED_SINCE) {
                            check(new Case(
                                    method, version, ifMatch, unmodified, noneMatch, modified, ifRange, range, policy));
                            cases++;
                        }
                    }
                }
            }
        }
        return cases;
    }

    private static void check(Case combination) {
        assertThat(combination.decided()).as("%s", combination).isEqualTo(combination.expected());
    }
}
