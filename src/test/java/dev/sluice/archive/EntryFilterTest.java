package dev.sluice.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sluice.archive.InvalidGlob.Role;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EntryFilterTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            *.bin                | weights.bin           | true
            *.bin                | a/b/weights.bin       | true
            *.bin                | weights.bin.txt       | false
            *.bin                | weights.BIN           | false
            *                    | .hidden               | true
            w*s.bin              | ws.bin                | true
            checkpoint-100       | checkpoint-100        | true
            checkpoint-100       | checkpoint-100/w.bin  | true
            checkpoint-100       | a/checkpoint-100/x/w  | true
            checkpoint-100/      | checkpoint-100/w.bin  | true
            checkpoint-10        | checkpoint-100/w.bin  | false
            /a.txt               | a.txt                 | true
            /a.txt               | b/a.txt               | false
            a/*.txt              | a/x.txt               | true
            a/*.txt              | b/a/x.txt             | false
            a/*.txt              | a/b/x.txt             | false
            a/*                  | a/b/x.txt             | true
            a/*                  | a                     | false
            a/**                 | a/b/x.txt             | true
            a/**                 | a                     | false
            a/**/x               | a/x                   | true
            a/**/x               | a/b/c/x               | true
            a/**/x               | a/bx                  | false
            **/x                 | x                     | true
            **/x                 | a/b/x                 | true
            **/x                 | ax                    | false
            a**z/y               | a/b/z/y               | true
            **                   | a/b/c                 | true
            a?c                  | abc                   | true
            a?c                  | a/c                   | false
            a?c                  | ac                    | false
            ?                    | 😀                    | true
            [a-c]x               | bx                    | true
            [a-c]x               | dx                    | false
            [!a-c]x              | dx                    | true
            [!a-c]x              | !x                    | true
            [^a-c]x              | ax                    | false
            a[!b]c               | a/c                   | false
            a[+-9]c              | a/c                   | false
            []x]                 | ]                     | true
            [a-]                 | -                     | true
            [α-ω]                | λ                     | true
            *.{bin,onnx}         | m.onnx                | true
            *.{bin,onnx}         | m.txt                 | false
            {a,b/{c,d}}/x        | b/d/x                 | true
            {a,b/{c,d}}/x        | a/x                   | true
            {a,b/{c,d}}/x        | b/x                   | false
            {a,}b                | b                     | true
            {**/x,y}.t           | p/q/x.t               | true
            {**/x,y/}.t          | x.t                   | true
            a\\*b                | a*b                   | true
            a\\*b                | axb                   | false
            \\{a\\}              | {a}                   | true
            a,b                  | a,b                   | true
            a}                   | a}                    | true
            """)
    void aGlobAcceptsWhatItSays(String glob, String path, boolean accepted) {
        assertThat(EntryFilter.of(List.of(glob), List.of()).accepts(path)).isEqualTo(accepted);
        assertThat(EntryFilter.of(List.of(), List.of(glob)).accepts(path)).isEqualTo(!accepted);
    }

    @Test
    void noPatternAcceptsEverything() {
        EntryFilter all = EntryFilter.of(List.of(), List.of());

        assertThat(all.acceptsAll()).isTrue();
        assertThat(all.accepts("a/b")).isTrue();
        assertThat(EntryFilter.of(List.of("*"), List.of()).acceptsAll()).isFalse();
    }

    @Test
    void severalIncludesAddUpAndExcludesTakeAway() {
        EntryFilter filter = EntryFilter.of(List.of("*.bin", "logs"), List.of("tmp", "*.tmp"));

        assertThat(filter.accepts("a/w.bin")).isTrue();
        assertThat(filter.accepts("logs/x")).isTrue();
        assertThat(filter.accepts("a/w.txt")).isFalse();
        assertThat(filter.accepts("tmp/w.bin")).isFalse();
        assertThat(filter.accepts("logs/x.tmp")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "[", "[]", "[a", "[a-", "{", "{a,b", "{a,{b}", "a\\", "[\\"})
    void aMalformedGlobIsRefusedWithItsPosition(String glob) {
        assertThatExceptionOfType(InvalidGlob.class)
                .isThrownBy(() -> EntryFilter.of(List.of("a"), List.of("b", glob)))
                .satisfies(refusal -> {
                    assertThat(refusal.role()).isEqualTo(Role.EXCLUDE);
                    assertThat(refusal.position()).isEqualTo(1);
                    assertThat(refusal).hasMessageStartingWith("Pattern 2 of exclude ");
                });
    }

    @Test
    void aRefusalNamesTheListThatThePatternIsIn() {
        assertThatExceptionOfType(InvalidGlob.class)
                .isThrownBy(() -> EntryFilter.of(List.of("a", "b", "["), List.of()))
                .withMessage("Pattern 3 of include has a '[' without ']'")
                .satisfies(refusal -> assertThat(refusal.role()).isEqualTo(Role.INCLUDE));
    }

    @Test
    void patternsAreLimitedInNumberAndLength() {
        String longest = "x".repeat(1024);
        assertThat(EntryFilter.of(Collections.nCopies(60, longest), Collections.nCopies(4, "a"))
                        .accepts("b"))
                .isFalse();
        assertThatExceptionOfType(InvalidGlob.class)
                .isThrownBy(() -> EntryFilter.of(Collections.nCopies(60, "a"), Collections.nCopies(5, "a")))
                .satisfies(refusal -> assertThat(refusal.position()).isEqualTo(4));
        assertThatExceptionOfType(InvalidGlob.class)
                .isThrownBy(() -> EntryFilter.of(Collections.nCopies(65, "a"), List.of()))
                .satisfies(refusal -> assertThat(refusal.position()).isEqualTo(64));
        assertThatExceptionOfType(InvalidGlob.class)
                .isThrownBy(() -> EntryFilter.of(List.of(longest + "x"), List.of()));
    }

    /** A backtracking matcher would not end in this century; the limit only turns its hanging into a failure. */
    @ParameterizedTest
    @ValueSource(strings = {"*a", "**a", "**/", "{a,a}", "{*,a}", "?*", "{a,**/}"})
    void noGlobMakesMatchingExplode(String piece) {
        String glob = piece.repeat(1020 / piece.length()) + "b";
        EntryFilter filter = EntryFilter.of(List.of(glob), List.of());

        Assertions.assertTimeoutPreemptively(Duration.ofMinutes(1), () -> {
            assertThat(filter.accepts("a".repeat(4096))).isFalse();
            assertThat(filter.accepts("a/".repeat(2048) + "a")).isFalse();
        });
    }

    @Test
    void theDeepestBracesAreParsedAndMatched() {
        String glob = "{".repeat(511) + "a" + "}".repeat(511);

        assertThat(EntryFilter.of(List.of(glob), List.of()).accepts("a")).isTrue();
    }
}
