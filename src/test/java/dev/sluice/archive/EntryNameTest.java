package dev.sluice.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.archive.InvalidEntryName.Fault;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EntryNameTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "weights.bin",
                "checkpoint-100/weights.bin",
                "...",
                "a..b",
                "..a/b..",
                "%2e%2e/%2e%2e",
                "%252e%252e",
                "．．/․․/‥",
                "a b/ü/中/😀",
                "ab:c",
                "1:x",
                "@:x",
                "[:x",
                "`:x",
                "{:x",
                "CON",
                "~/.bashrc",
                "-rf",
                "$(id)",
            })
    void ordinaryNamesAreTakenAsTheyAre(String name) {
        assertThat(EntryName.parse(name).value()).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource({
        "'', EMPTY",
        "/etc/passwd, ABSOLUTE",
        "//host/share, ABSOLUTE",
        "C:, ABSOLUTE",
        "c:/x, ABSOLUTE",
        "C:x, ABSOLUTE",
        "A:x, ABSOLUTE",
        "Z:x, ABSOLUTE",
        "a:x, ABSOLUTE",
        "z:x, ABSOLUTE",
        "a//b, EMPTY_SEGMENT",
        "a/, EMPTY_SEGMENT",
        "., DOT_SEGMENT",
        ".., DOT_SEGMENT",
        "a/../b, DOT_SEGMENT",
        "a/.., DOT_SEGMENT",
        "./a, DOT_SEGMENT",
        "....//....//x, EMPTY_SEGMENT",
        "..\\x, BACKSLASH",
        "a\\b, BACKSLASH",
    })
    void namesThatLeadElsewhereAreRefused(String name, Fault fault) {
        assertRefused(name, fault);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x00, 0x01, '\t', '\n', '\r', 0x1B, 0x1F, 0x7F, 0x80, 0x85, 0x9F})
    void controlCharactersAreRefused(int control) {
        assertRefused("a" + Character.toString(control) + "b", Fault.CONTROL_CHARACTER);
    }

    @ParameterizedTest
    @ValueSource(ints = {0xD800, 0xDBFF, 0xDC00, 0xDFFF})
    void halfASurrogatePairIsRefused(int half) {
        assertRefused("a" + (char) half, Fault.NOT_UNICODE);
        assertRefused((char) half + "a", Fault.NOT_UNICODE);
    }

    @Test
    void aSegmentHasAtMost255Bytes() {
        assertThatCode(() -> EntryName.parse("a/" + "x".repeat(255))).doesNotThrowAnyException();
        assertThatCode(() -> EntryName.parse("é".repeat(127) + "x/a")).doesNotThrowAnyException();
        assertRefused("a/" + "x".repeat(256), Fault.SEGMENT_TOO_LONG);
        assertRefused("é".repeat(128) + "/a", Fault.SEGMENT_TOO_LONG);
        assertRefused("😀".repeat(64), Fault.SEGMENT_TOO_LONG);
    }

    @Test
    void aNameHasAtMost4096Bytes() {
        String longest = ("x".repeat(255) + "/").repeat(15) + "x".repeat(254) + "/x";
        assertThat(EntryName.parse(longest).utf8Length()).isEqualTo(4096);
        assertRefused(longest + "x", Fault.TOO_LONG);
        assertRefused(longest.substring(0, 4095) + "é", Fault.TOO_LONG);
        assertRefused("/x".repeat(1_000_000).substring(1), Fault.TOO_LONG);
    }

    @Test
    void theMessageDoesNotRepeatTheName() {
        assertThatThrownBy(() -> EntryName.parse("../secret")).hasMessage("The path has a '.' or '..' segment");
    }

    @ParameterizedTest
    @CsvSource({
        "model/weights.bin, model/weights.bin",
        "my%20file, my%20file",
        "org%2Fmodel, org%2Fmodel",
        "100%, 100%",
        "%2e%2e, %2e%2e",
        "ab:c, ab:c",
        "C:x, C%3Ax",
        "C%3Ax, C%253Ax",
        "C%253Ax, C%25253Ax",
        "Z:x, Z%3Ax",
        "1:x, 1:x",
        "1%3Ax, 1%3Ax",
        "ab%3Ax, ab%3Ax",
        "a/C:x, a/C:x",
        "a\\b, a%5Cb",
        "..\\..\\x, ..%5C..%5Cx",
        "a%5Cb, a%255Cb",
        "a%5cb, a%5cb",
        "a%1Fb, a%251Fb",
        "a%7Eb, a%7Eb",
        "a%7Fb, a%257Fb",
        "a%80b, a%2580b",
        "%41, %41",
        "%41./x, %41./x",
        ".., %2E.",
        "../../etc/passwd, %2E./%2E./etc/passwd",
        "%2E., %252E.",
        "%2E.x, %2E.x",
        "..., %2E..",
        ".. /x, '%2E. /x'",
        "' ', %20",
        "' x', ' x'",
        ".bashrc, .bashrc",
    })
    void aPathFromDiskGetsOneNameThatLeadsNowhereElse(String path, String name) {
        assertThat(EntryName.archived(path).value()).isEqualTo(name);
    }

    @Test
    void controlsAndHalfPairsFromDiskBecomeTheirBytes() {
        assertThat(EntryName.archived("a\nb\u001B[2J\u007F\u0085").value()).isEqualTo("a%0Ab%1B[2J%7F%C2%85");
        assertThat(EntryName.archived("\uD800x\uDFFF").value()).isEqualTo("%ED%A0%80x%ED%BF%BF");
    }

    @Test
    void noTwoPathsShareAName() {
        List<String> tokens = List.of("%", "25", "5C", "3A", "2E", "20", "0A", ".", " ", "/", "C", ":", "\\", "\n");
        Map<String, String> pathOfName = new HashMap<>();
        for (String path : sequences(tokens, 5)) {
            if (path.startsWith("/") || path.endsWith("/") || path.contains("//")) {
                continue;
            }
            String other = pathOfName.put(EntryName.archived(path).value(), path);
            assertThat(other == null || other.equals(path))
                    .as("%s and %s", other, path)
                    .isTrue();
        }
        assertThat(pathOfName).hasSizeGreaterThan(300_000);
    }

    @Test
    void everyArchivedNameWouldBeTakenFromAClient() {
        for (String path : sequences(List.of("%", "2E", ".", " ", "/", "C", ":", "\\", "\n", "\u0085", "\uD800"), 4)) {
            if (path.startsWith("/") || path.endsWith("/") || path.contains("//")) {
                continue;
            }
            EntryName name = EntryName.archived(path);
            assertThat(EntryName.parse(name.value())).isEqualTo(name);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "/a", "a/", "a//b"})
    void whatNoDirectoryWalkYieldsIsAFaultOfTheCaller(String path) {
        assertThatThrownBy(() -> EntryName.archived(path)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theLongestPathOfLinuxFitsHoweverItIsEscaped() {
        assertThat(EntryName.archived("\n".repeat(4095)).utf8Length()).isEqualTo(3 * 4095);
        assertThat(EntryName.archived("x".repeat(0xFFFE)).utf8Length()).isEqualTo(0xFFFE);
        assertThatThrownBy(() -> EntryName.archived("x".repeat(0xFFFF))).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a", "~", "é", "\u00A0", "\u07FF", "\u0800", "中", "\uD7FF", "\uE000", "\uFFFD", "😀", "aé中😀"})
    void theLengthIsThatOfTheBytes(String text) {
        EntryName name = EntryName.parse(text);

        assertThat(name.utf8()).isEqualTo(text.getBytes(StandardCharsets.UTF_8)).hasSize(name.utf8Length());
    }

    /** Entries of one size are sent in the order of their names, so it must be the same on every replica. */
    @Test
    void namesAreOrderedByTheirCodeUnits() {
        List<EntryName> ordered = Stream.of("B", "a", "a-b", "a/b", "a0", "b", "é", "😀", "．")
                .map(EntryName::parse)
                .toList();
        List<EntryName> names = new ArrayList<>(ordered);
        Collections.shuffle(names, new Random(16));
        names.sort(null);

        assertThat(names).isEqualTo(ordered);
    }

    @Test
    void aNameIsItselfWhereverItComesFrom() {
        assertThat(EntryName.parse("a/b")).isEqualTo(EntryName.archived("a/b"));
        assertThat(EntryName.parse("a/b")).isNotEqualTo(EntryName.parse("a/c")).isNotEqualTo("a/b");
    }

    /** The names of a whole model are keys of maps. */
    @Test
    void namesSpreadOverAMap() {
        List<EntryName> names = IntStream.range(0, 1000)
                .mapToObj(i -> EntryName.parse("model/shard-" + i + ".bin"))
                .toList();

        assertThat(names.stream().map(EntryName::hashCode).distinct()).hasSizeGreaterThan(900);
        assertThat(EntryName.archived("model/a")).hasSameHashCodeAs(EntryName.parse("model/a"));
    }

    private static void assertRefused(String name, Fault fault) {
        assertThatExceptionOfType(InvalidEntryName.class)
                .isThrownBy(() -> EntryName.parse(name))
                .satisfies(refusal -> assertThat(refusal.fault()).isEqualTo(fault));
    }

    /** Every sequence of one to {@code longest} tokens. */
    private static List<String> sequences(List<String> tokens, int longest) {
        List<String> all = new ArrayList<>();
        List<String> last = List.of("");
        for (int length = 1; length <= longest; length++) {
            List<String> next = new ArrayList<>();
            for (String head : last) {
                for (String token : tokens) {
                    next.add(head + token);
                }
            }
            all.addAll(next);
            last = next;
        }
        return all;
    }
}
