package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Whatever a client writes into Range and the conditions: there is an answer, and its range lies within the content. */
class ConditionsFuzzTest {
    private static final EntityTag TAG = EntityTag.strong("v1-abc");
    private static final Instant MODIFIED = Instant.parse("2026-03-01T12:00:00Z");
    private static final long[] LENGTHS = {0, 1, 2, 1000, Long.MAX_VALUE - 1};

    /** Of the grammar that part whose meaning is one line. */
    private static final Pattern PLAIN = Pattern.compile("bytes=(\\d{1,18})-(\\d{1,18})");

    /** One field a line: Range, If-Range, If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since, the method, ?v=. */
    @FuzzTest(maxDuration = "1m")
    void everyRequestHasADecision(byte[] input) {
        String[] lines = new String(input, StandardCharsets.ISO_8859_1).split("\n", -1);
        Function<Integer, @Nullable String> line = at -> at < lines.length && !lines[at].isEmpty() ? lines[at] : null;
        @Nullable String method = line.apply(6);
        ConditionalRequest request = new ConditionalRequest(
                method == null ? "GET" : method,
                line.apply(7),
                line.apply(2),
                line.apply(5),
                line.apply(3),
                line.apply(4),
                line.apply(1),
                line.apply(0));
        for (long length : LENGTHS) {
            for (RangePolicy policy : RangePolicy.values()) {
                Decision decision = Decision.decide(request, new Validators(TAG, MODIFIED), length, policy);
                if (decision instanceof Decision.Part part) {
                    holds(request, part.range(), length);
                }
            }
        }
        for (String text : lines) {
            readsItsOwnTexts(text);
        }
    }

    private static void holds(ConditionalRequest request, ByteRange range, long length) {
        assertThat(range.first()).isBetween(0L, range.last());
        assertThat(range.last()).isLessThan(length);
        assertThat(request.method()).isEqualTo("GET");
        String field = String.valueOf(request.range());
        Matcher plain = PLAIN.matcher(field);
        if (plain.matches()) {
            assertThat(range.first()).isEqualTo(Long.parseLong(plain.group(1)));
            assertThat(range.last()).isEqualTo(Math.min(Long.parseLong(plain.group(2)), length - 1));
        }
        assertThat(RangeRequest.parse("bytes=" + range.first() + "-" + range.last(), length))
                .isEqualTo(new RangeRequest.Satisfiable(range));
    }

    private static void readsItsOwnTexts(String text) {
        EntityTag.parse(text)
                .ifPresent(tag -> assertThat(EntityTag.parse(tag.toString())).contains(tag));
        HttpDate.parse(text)
                .ifPresent(date ->
                        assertThat(HttpDate.parse(HttpDate.format(date))).contains(date));
        PinnedVersion.parse(text).ifPresent(version -> version.matches(TAG));
        DigestField.parse(text);
        assertThat(ContentDisposition.attachment(text).toString()).matches("[\\x20-\\x7E]*");
    }
}
