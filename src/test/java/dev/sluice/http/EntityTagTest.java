package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EntityTagTest {
    private static final EntityTag CURRENT = EntityTag.strong("1");

    /** The table of RFC 9110 §8.8.3.2. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "W/\"1\", W/\"1\", false, true",
                "W/\"1\", W/\"2\", false, false",
                "W/\"1\", \"1\",   false, true",
                "\"1\",   \"1\",   true,  true"
            })
    void comparesAsTheTableOfTheRfcSays(String left, String right, boolean strong, boolean weak) {
        EntityTag a = EntityTag.parse(left).orElseThrow();
        EntityTag b = EntityTag.parse(right).orElseThrow();

        assertThat(a.strongEquals(b)).isEqualTo(strong);
        assertThat(b.strongEquals(a)).isEqualTo(strong);
        assertThat(a.weakEquals(b)).isEqualTo(weak);
        assertThat(b.weakEquals(a)).isEqualTo(weak);
    }

    @Test
    void parseInvertsToStringForEveryTag() {
        Random random = new Random(8_8_3);
        for (int round = 0; round < 10_000; round++) {
            EntityTag tag = new EntityTag(randomOpaque(random), random.nextBoolean());

            assertThat(EntityTag.parse(tag.toString())).contains(tag);
            assertThat(EntityTag.parse(" \t\t " + tag + "\t \t")).contains(tag);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "abc",
                "\"",
                "\"abc",
                "abc\"",
                "w/\"abc\"",
                "W/abc",
                "W/",
                "W /\"abc\"",
                "\"a b\"",
                "\"a\"b\"",
                "\"a\", \"b\"",
                "\"a\u0000\"",
                "\"a\u007f\"",
                "\"\u0100\"",
                "\"a\r\nX: y\"",
                "*"
            })
    void whatIsNoTagOfSection883IsRefused(String value) {
        assertThat(EntityTag.parse(value)).isEmpty();
    }

    @Test
    void theEmptyTagAndBackslashesAreTags() {
        assertThat(EntityTag.parse("\"\"")).contains(EntityTag.strong(""));
        assertThat(EntityTag.parse("\"a\\\"")).contains(EntityTag.strong("a\\"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\"b", "a b", "a\r\n", "\u0100"})
    void noTagIsMadeThatCouldNotBeSent(String opaque) {
        assertThatThrownBy(() -> EntityTag.strong(opaque)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"1\"",
                " \"1\" ",
                "\"0\", \"1\"",
                "\"0\",\"1\"",
                "\"0\",  \"1\"",
                "\"0\",\t\t\"1\"",
                ", ,\"1\",,",
                "\"0\" , \"1\" ,",
                "\"a,b\", \"1\"",
                "W/\"1\", \"1\""
            })
    void listsOfTagsMayHaveEmptyMembersAndCommasWithinTags(String value) {
        EntityTags tags = EntityTags.parse(value);

        assertThat(tags.any()).isFalse();
        assertThat(tags.listsStrongly(CURRENT)).isTrue();
        assertThat(tags.listsWeakly(CURRENT)).isTrue();
    }

    @Test
    void aWeakTagInAListMatchesWeaklyOnly() {
        EntityTags tags = EntityTags.parse("W/\"1\"");

        assertThat(tags.listsStrongly(CURRENT)).isFalse();
        assertThat(tags.listsWeakly(CURRENT)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ",", "1", "\"1\" \"2\"", "\"1\"\"2\"", "\"1\", junk", "junk, \"1\"", "*, \"1\"", "\"1\", *"})
    void aMalformedListMatchesNothing(String value) {
        EntityTags tags = EntityTags.parse(value);

        assertThat(tags.any()).isFalse();
        assertThat(tags.listsStrongly(CURRENT)).isFalse();
        assertThat(tags.listsWeakly(CURRENT)).isFalse();
    }

    @Test
    void anAsteriskIsAnyAndListsNone() {
        EntityTags tags = EntityTags.parse(" * ");

        assertThat(tags.any()).isTrue();
        assertThat(tags.tags()).isEmpty();
    }

    @Test
    void aListOfAHundredThousandTagsIsReadToItsEnd() {
        assertThat(EntityTags.parse("\"0\", ".repeat(100_000) + "\"1\"").listsStrongly(CURRENT))
                .isTrue();
        assertThat(EntityTags.parse(", ".repeat(100_000)).tags()).isEmpty();
        assertThat(EntityTags.parse("\"" + "x".repeat(100_000)).tags()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "\"1\""})
    void theQuotesOfAPinnedVersionAreOptional(String value) {
        assertThat(PinnedVersion.parse(value)).contains(new PinnedVersion(CURRENT));
        assertThat(PinnedVersion.parse(value).orElseThrow().matches(CURRENT)).isTrue();
        assertThat(PinnedVersion.parse(value).orElseThrow().matches(EntityTag.strong("2")))
                .isFalse();
    }

    @Test
    void aWeakPinnedVersionMatchesNothing() {
        assertThat(PinnedVersion.parse("W/\"1\"").orElseThrow().matches(CURRENT))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"1", "1\"", "a b", "a\nb", "\"1\"x"})
    void whatIsNoTagPinsNoVersion(String value) {
        assertThat(PinnedVersion.parse(value)).isEmpty();
    }

    @Test
    void aPinnedVersionIsWrittenForAUrlWithoutQuotes() {
        assertThat(new PinnedVersion(EntityTag.strong("zip1-aB_9"))).hasToString("zip1-aB_9");
        assertThat(new PinnedVersion(EntityTag.strong("a+b&c=d%#"))).hasToString("a%2Bb%26c%3Dd%25%23");
    }

    private static String randomOpaque(Random random) {
        return random.ints(0x21, 0x100)
                .filter(c -> c != '"' && c != 0x7F)
                .limit(random.nextInt(40))
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
