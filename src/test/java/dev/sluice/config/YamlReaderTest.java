package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class YamlReaderTest {
    @TempDir
    Path dir;

    private final List<String> faults = new ArrayList<>();

    @Test
    void nestedAndDottedKeysAreTheSame() throws Exception {
        FileSource source = read("a:\n  b:\n    c: 1\n  d.e: 2\nf.g: 3\nh.i:\n  j: 4\n");
        assertThat(source.values().keySet()).containsExactly("a.b.c", "a.d.e", "f.g", "h.i.j");
        assertThat(faults).isEmpty();
    }

    @Test
    void aKeySetNestedAndDottedIsSetTwice() throws Exception {
        read("a:\n  b: 1\na.b: 2\n");
        assertThat(faults)
                .singleElement()
                .asString()
                .startsWith("a.b (")
                .contains("line 3) is set a second time", "line 2");
    }

    @Test
    void scalarsKeepTheTextTheyWereWrittenWith() throws Exception {
        FileSource source = read(
                "{a: 010, b: 1_000, c: 0x1F, d: yes, e: 1.50, f: 12:30, g: 2026-01-01, h: 'null', i: \"\", j: 99999999999999999999}");
        assertThat(source.values().values().stream().map(given -> given.values().get(0)))
                .containsExactly(
                        "010",
                        "1_000",
                        "0x1F",
                        "yes",
                        "1.50",
                        "12:30",
                        "2026-01-01",
                        "null",
                        "",
                        "99999999999999999999");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a: ", "a: ~", "a: null", "a: {}", "", "# nothing\n", "---\n", "~"})
    void nullsAndEmptySectionsSetNothing(String yaml) throws Exception {
        assertThat(read(yaml).values()).isEmpty();
        assertThat(faults).isEmpty();
    }

    @Test
    void aListHoldsPlainValues() throws Exception {
        assertThat(read("a: [x, 1]\nb: []\nc:\n- y\n").values().values().stream()
                        .map(Given::values))
                .containsExactly(List.of("x", "1"), List.of(), List.of("y"));
        assertThat(faults).isEmpty();
        read("a: [{b: c}, [d], null, e]");
        assertThat(faults).hasSize(3).allMatch(fault -> fault.endsWith("holds something that is not a plain value"));
    }

    @Test
    void aBlockKeepsItsLines() throws Exception {
        assertThat(read("a: |\n  one\n  two\n").find("a").orElseThrow().values())
                .containsExactly("one\ntwo\n");
    }

    @Test
    void anAliasIsRefusedRatherThanMisread() throws Exception {
        assertThat(read("a: &x 1\nb: *x\nc: [*x]\nd: &y {e: *y}\n").values()).containsOnlyKeys("a", "c");
        assertThat(faults).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a:\n  secret: \"canary\nb: 1",
                "a: canary: canary",
                "\ta: canary",
                "a: [canary",
                "a: canary\n b: canary",
                "%YAML canary\na: b",
                "? [canary]\n: canary",
                "a: \"\\canary\"",
                "a: @canary",
            })
    void malformedYamlIsOneFaultThatQuotesNothing(String yaml) throws Exception {
        assertThat(read(yaml).values()).isEmpty();
        assertThat(faults)
                .singleElement()
                .asString()
                .contains("is not valid YAML")
                .doesNotContain("canary");
    }

    @ParameterizedTest
    @ValueSource(strings = {"- a\n- b\n", "just text", "42"})
    void aFileWithoutKeysIsRefused(String yaml) throws Exception {
        read(yaml);
        assertThat(faults).singleElement().asString().endsWith("does not consist of keys and values");
    }

    @Test
    void aSecondDocumentIsRefused() throws Exception {
        read("a: 1\n---\nb: 2\n");
        assertThat(faults).singleElement().asString().endsWith("holds more than one document");
    }

    @Test
    void whatIsNotUtf8IsRefused() throws Exception {
        Path file = Files.write(dir.resolve("latin1.yaml"), new byte[] {'a', ':', ' ', (byte) 0xe4});
        YamlReader.read(file, faults::add);
        assertThat(faults).containsExactly("file " + file + " is not UTF-8 text");
    }

    @Test
    void nestingWithoutEndIsRefused() throws Exception {
        read("{a: ".repeat(20_000));
        assertThat(faults).singleElement().asString().contains("is not valid YAML");
    }

    private FileSource read(String yaml) throws Exception {
        return YamlReader.read(Files.writeString(dir.resolve("test.yaml"), yaml), faults::add);
    }
}
