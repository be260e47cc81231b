package dev.sluice.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.management.ThreadMXBean;
import dev.sluice.http.ProblemException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonReaderTest {
    private static JsonNode read(byte[] text) {
        Faults faults = Faults.ofBody();
        JsonNode json = JsonReader.read(text, faults);
        faults.raise();
        return json;
    }

    private static Map<String, String> faultsOf(String text) {
        return BodyFaults.of(JsonReaderTest::read, text);
    }

    @Test
    void everyKindOfValueIsReadWithEveryDigit() {
        String text =
                "{\"a\":[1,-2.50,1e3,0.1000000000000000055511151231257827],\"b\":{\"c\":null,\"d\":true,\"e\":false},"
                        + "\"ü\":\"\\u00fc😀\"}";
        JsonNode json = read(text.getBytes(StandardCharsets.UTF_8));
        assertThat(Json.text(json))
                .isEqualTo("{\"a\":[1,-2.50,1000,0.1000000000000000055511151231257827],"
                        + "\"b\":{\"c\":null,\"d\":true,\"e\":false},\"ü\":\"ü😀\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "[1,]",
                "{\"a\":1,}",
                "{a:1}",
                "'a'",
                "{\"a\" 1}",
                "[01]",
                "[.5]",
                "[+1]",
                "tru",
                "// x\n1",
                "\"\t\"",
                "{\"a\":}",
                "\u0000",
                "[1}",
                "\"\\x\"",
                "[1e]",
                "NotANumber"
            })
    void badSyntaxIsOneFaultWithItsPlace(String text) {
        assertThat(faultsOf(text))
                .hasSize(1)
                .hasEntrySatisfying(
                        "",
                        detail -> assertThat(detail)
                                .startsWith("is not well-formed JSON (line ")
                                .doesNotContain("com.fasterxml"));
    }

    static List<Arguments> wholeFaults() {
        return List.of(
                arguments("", "is empty"),
                arguments("  \n", "is empty"),
                arguments("{} {}", "goes on after the end of its JSON value"),
                arguments("1 2", "goes on after the end of its JSON value"),
                arguments("1" + "0".repeat(2000), "has a name or number that is too long"));
    }

    @ParameterizedTest
    @MethodSource("wholeFaults")
    void aTextThatIsNotOneValueIsRefused(String text, String detail) {
        assertThat(faultsOf(text)).containsExactlyEntriesOf(Map.of("", detail));
    }

    @Test
    void whatIsNotUtf8IsRefused() {
        byte[] latin1 = "{\"name\":\"Zürich\"}".getBytes(StandardCharsets.ISO_8859_1);
        assertThat(BodyFaults.of(JsonReaderTest::read, latin1)).containsOnlyKeys("");
    }

    @Test
    void allFaultsOfValuesAreNamedAtTheirPlaces() {
        String text = "{\"a\":NaN,\"b\":[1,-Infinity,Infinity],\"c/d~\":\"x\\u0000\",\"e\":{\"f\":1e400,\"g\":1e-500},"
                + "\"h\":\"\\ud800\",\"i\":1,\"i\":2,\"j\\u0000\":1,\"ok\":1e-310}";
        assertThat(faultsOf(text))
                .containsExactly(
                        Map.entry("/a", "must be a finite number"),
                        Map.entry("/b/1", "must be a finite number"),
                        Map.entry("/b/2", "must be a finite number"),
                        Map.entry("/c~1d~0", "must not contain a NUL character or a lone surrogate"),
                        Map.entry("/e/f", "is out of the range of a double"),
                        Map.entry("/e/g", "is out of the range of a double"),
                        Map.entry("/h", "must not contain a NUL character or a lone surrogate"),
                        Map.entry("/i", "is given more than once"),
                        Map.entry("/j\0", "has a name with a NUL character or a lone surrogate"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e999999999999", "-1e2147483648", "1e-2147483648", "1.7976931348623159e308"})
    void monstrousExponentsAreRefusedWithoutBeingExpanded(String number) {
        assertThat(faultsOf("[" + number + "]")).isNotEmpty();
    }

    @Test
    void nestingEndsAt32Levels() {
        assertThat(faultsOf("[".repeat(32) + "]".repeat(32))).isEmpty();
        assertThat(faultsOf("[".repeat(33) + "]".repeat(33)))
                .containsExactlyEntriesOf(Map.of("/0".repeat(32), "is nested deeper than 32 levels"));
        assertThat(faultsOf("{\"a\":".repeat(100_000))).hasSize(1);
    }

    @Test
    void tenThousandFaultsAreAnsweredShortly() {
        assertThat(faultsOf("[" + "NaN,".repeat(9_999) + "NaN]")).hasSize(50);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\0\0\0\u00fd\u008c", "\0\0\0[\0", "[\0\0\0\u00ff", "\u00fe\u00ff\0[\u00d8"})
    void whatBreaksOffWithinACharacterOfAnotherEncodingIsNotWellFormed(String latin) {
        Faults faults = Faults.ofBody();
        assertThatThrownBy(() -> JsonReader.read(latin.getBytes(StandardCharsets.ISO_8859_1), faults))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("is not well-formed JSON");
    }

    @Test
    void manyValuesUnderLongNamesCostNoMoreThanTheirText() {
        String name = "\"" + "n".repeat(50_000) + "\":";
        int levels = 8;
        String text = ("{" + name).repeat(levels) + "[" + "1,".repeat(200_000) + "1]" + "}".repeat(levels);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        read(text.getBytes(StandardCharsets.UTF_8));
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(200L << 20);
    }
}
