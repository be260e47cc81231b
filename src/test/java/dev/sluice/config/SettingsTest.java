package dev.sluice.config;

import static dev.sluice.config.SettingsFixture.faults;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration HOUR = Duration.ofHours(1);

    @TempDir
    Path dir;

    @Test
    void whatNobodySetHasItsDefault() {
        Settings settings = given().settings();
        assertThat(settings.text("a.text", "x")).isEqualTo("x");
        assertThat(settings.text("a.other")).isEmpty();
        assertThat(settings.secret("a.secret")).isEmpty();
        assertThat(settings.duration("a.wait", HOUR, SECOND, HOUR)).isEqualTo(HOUR);
        assertThat(settings.size("a.size", size(5), size(0), size(9))).isEqualTo(size(5));
        assertThat(settings.count("a.count", 3, 1, 9)).isEqualTo(3);
        assertThat(settings.port("a.port", 80)).isEqualTo(80);
        assertThat(settings.flag("a.flag", true)).isTrue();
        assertThat(settings.path("a.path", "some/dir")).isEqualTo(Path.of("some/dir"));
        assertThat(settings.file("a.file")).isEmpty();
        assertThat(settings.uri("a.uri", "https")).isEmpty();
        assertThat(settings.list("a.list")).isEmpty();
        assertThat(settings.oneOf("a.word", Word.class, Word.TWO_PARTS)).isEqualTo(Word.TWO_PARTS);
        assertThat(faults(settings)).isEmpty();
    }

    @Test
    void whatIsSetIsReadAsItsType() throws Exception {
        Path there = Files.createFile(dir.resolve("there"));
        Settings settings = given().yaml("""
                        a:
                          text: " y "
                          secret: " s "
                          wait: 90s
                          size: 7
                          count: 9
                          port: 0
                          flag: false
                          path: other/dir
                          file: %s
                          uri: HTTPS://example.com:8443/x?y=z
                          list: [one, "two, three", 4]
                          word: two-parts
                        """.formatted(there)).settings();
        assertThat(settings.text("a.text")).hasValue("y");
        assertThat(settings.secret("a.secret")).hasValue(new Secret(" s "));
        assertThat(settings.duration("a.wait", HOUR, SECOND, HOUR)).isEqualTo(Duration.ofSeconds(90));
        assertThat(settings.size("a.size", size(5), size(0), size(9))).isEqualTo(size(7));
        assertThat(settings.count("a.count", 3, 1, 9)).isEqualTo(9);
        assertThat(settings.port("a.port", 80)).isZero();
        assertThat(settings.flag("a.flag", true)).isFalse();
        assertThat(settings.path("a.path", "some/dir")).isEqualTo(Path.of("other/dir"));
        assertThat(settings.file("a.file")).hasValue(there);
        assertThat(settings.uri("a.uri", "http", "https")).hasValue(URI.create("HTTPS://example.com:8443/x?y=z"));
        assertThat(settings.list("a.list")).containsExactly("one", "two, three", "4");
        assertThat(settings.oneOf("a.word", Word.class, Word.ONE)).isEqualTo(Word.TWO_PARTS);
        assertThat(faults(settings)).isEmpty();
    }

    @Test
    void anOptionWinsOverTheEnvironmentAndThatOverTheFile() {
        Settings settings = given().yaml("delivery: {in-file: 1, in-both: 1, in-all: 1}")
                .environment("SLUICE_DELIVERY_IN_BOTH", "2")
                .environment("SLUICE_DELIVERY_IN_ALL", "2")
                .option("delivery.in-all", "3")
                .settings();
        assertThat(settings.count("delivery.in-file", 0, 0, 9)).isEqualTo(1);
        assertThat(settings.count("delivery.in-both", 0, 0, 9)).isEqualTo(2);
        assertThat(settings.count("delivery.in-all", 0, 0, 9)).isEqualTo(3);
        assertThat(faults(settings)).isEmpty();
    }

    @Test
    void aBadValueThatIsOverriddenIsNoFault() {
        Settings settings = given().yaml("http.port: eighty")
                .environment("SLUICE_HTTP_PORT", "80")
                .settings();
        assertThat(settings.port("http.port", 8080)).isEqualTo(80);
        assertThat(faults(settings)).isEmpty();
    }

    @Test
    void aListInTheEnvironmentIsSeparatedByCommas() {
        Settings settings = given().environment("SLUICE_A_LIST", " one, two ,,three,")
                .environment("SLUICE_A_NONE", "")
                .settings();
        assertThat(settings.list("a.list")).containsExactly("one", "two", "three");
        assertThat(settings.list("a.none")).isEmpty();
        assertThat(faults(settings)).isEmpty();
    }

    @Test
    void dataInAPathMeansTheDataDirectory() {
        Settings settings = given().environment("SLUICE_DATA_DIR", "/var/lib/sluice")
                .yaml("a.whole: ${data}")
                .settings();
        assertThat(settings.path("data.dir", "data")).isEqualTo(Path.of("/var/lib/sluice"));
        assertThat(settings.path("workspace.dir", "${data}/workspace")).isEqualTo(Path.of("/var/lib/sluice/workspace"));
        assertThat(settings.path("a.whole", "x")).isEqualTo(Path.of("/var/lib/sluice"));
        assertThat(given().settings().path("workspace.dir", "${data}/w")).isEqualTo(Path.of("data/w"));
    }

    @Test
    void aSecretMayBeInAFileOfItsOwnWithoutItsLastLineEnd() throws Exception {
        Path lines = Files.writeString(dir.resolve("lines"), "two\nlines\n\n");
        Path windows = Files.writeString(dir.resolve("windows"), "text\r\n");
        Files.writeString(dir.resolve("in-data"), "none");
        Settings settings = given().environment("SLUICE_A_LINES_FILE", lines.toString())
                .environment("SLUICE_DATA_DIR", dir.toString())
                .yaml("a.windows-file: " + windows)
                .option("a.in-data-file", "${data}/in-data")
                .settings();
        assertThat(settings.secret("a.lines")).hasValue(new Secret("two\nlines\n"));
        assertThat(settings.secret("a.windows")).hasValue(new Secret("text"));
        assertThat(settings.secret("a.in-data")).hasValue(new Secret("none"));
        assertThat(faults(settings)).isEmpty();
    }

    @Test
    void aSecretsFileInTheEnvironmentWinsOverTheSecretInTheConfigurationFile() throws Exception {
        Path file = Files.writeString(dir.resolve("secret"), "stronger");
        Settings settings = given().yaml("a.key: weaker")
                .environment("SLUICE_A_KEY_FILE", file.toString())
                .settings();
        assertThat(settings.secret("a.key")).hasValue(new Secret("stronger"));
        assertThat(faults(settings)).isEmpty();
    }

    @Test
    void aKeyCountsAsSetWhetherItsValueIsGoodOrNot() {
        Settings settings = given().yaml("{a.good: x, a.bad-file: /does/not/exist, a.null: }")
                .settings();
        settings.secret("a.good");
        settings.secret("a.bad");
        assertThat(settings.isSet("a.good")).isTrue();
        assertThat(settings.isSet("a.bad")).isTrue();
        assertThat(settings.isSet("a.null")).isFalse();
        assertThat(settings.isSet("a.absent")).isFalse();
    }

    @Test
    void theDefaultsAreListedAsOneWritesThem() {
        Settings settings = given().settings();
        settings.duration("a.wait", Duration.ofMinutes(5), SECOND, HOUR);
        settings.secret("a.secret");
        assertThat(settings.defaults())
                .containsEntry("a.wait", "5m")
                .containsEntry("a.secret", "")
                .containsEntry("data.dir", "data");
    }

    @Test
    void twoKeysOfOneVariableAreAMistakeOfTheProgram() {
        Settings settings = given().settings();
        settings.text("a.b-c");
        assertThatIllegalStateException()
                .isThrownBy(() -> settings.text("a-b.c"))
                .withMessageContaining("SLUICE_A_B_C");
    }

    private SettingsFixture given() {
        return new SettingsFixture(dir);
    }

    private static DataSize size(long bytes) {
        return new DataSize(bytes);
    }

    private enum Word {
        ONE,
        TWO_PARTS
    }
}
