package dev.sluice.config;

import static dev.sluice.config.SettingsFixture.faults;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FaultsTest {
    private static final String CANARY = "canary-3f9a";

    @TempDir
    Path dir;

    @Test
    void aFaultNamesKeySourceAndReason() {
        SettingsFixture given = given().yaml("http:\n  # it listens here\n  port: 65536\n")
                .environment("SLUICE_A_WAIT", "60")
                .option("a.flag", "yes");
        Settings settings = given.settings();
        settings.port("http.port", 8080);
        settings.duration("a.wait", Duration.ZERO, Duration.ZERO, Duration.ofDays(1));
        settings.flag("a.flag", false);
        settings.fault("a.missing", "is missing");
        assertThat(faults(settings))
                .containsExactly(
                        "http.port (file " + given.file() + ", line 3) '65536' is not between 0 and 65535",
                        "SLUICE_A_WAIT (environment) '60' is not a duration such as 500ms, 3s, 10m, 1h or 2d",
                        "a.flag (option) 'yes' is neither true nor false",
                        "a.missing (environment SLUICE_A_MISSING) is missing");
    }

    @Test
    void allFaultsAreNamedAtOnceAndEachOnce() {
        Settings settings = given().yaml("{a: {b: 1, b: 2}, http.port: x}")
                .environment("SLUICE_NOBODY_KNOWS", "")
                .option("nor.this", "")
                .settings();
        settings.text("a.b");
        settings.port("http.port", 1);
        settings.port("http.port", 1);
        settings.fault("data.dir", "is on the moon");
        assertThatThrownBy(settings::requireNoFaults)
                .isInstanceOfSatisfying(
                        InvalidConfiguration.class,
                        thrown -> assertThat(thrown.faults()).hasSize(5))
                .hasMessageStartingWith("5 faults in the configuration:\n  ")
                .message()
                .hasLineCount(6);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "1.5", "1e3", "0x10", "99999999999", "99999999999999999999", "0", "10", "-3"})
    void aCountIsAWholeNumberWithinItsLimits(String text) {
        assertOneFault(
                text, settings -> assertThat(settings.count("a.key", 5, 1, 9)).isEqualTo(5));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "8KiB", "64k"})
    void aSizeIsWithinItsLimits(String text) {
        assertOneFault(text, settings -> settings.size("a.key", new DataSize(4), new DataSize(2), new DataSize(4096)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"999ms", "2m", "1"})
    void aDurationIsWithinItsLimits(String text) {
        Duration second = Duration.ofSeconds(1);
        assertOneFault(text, settings -> settings.duration("a.key", second, second, Duration.ofMinutes(1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TRUE", "1", "on", "t"})
    void aFlagIsTrueOrFalse(String text) {
        assertOneFault(text, settings -> settings.flag("a.key", false));
    }

    @Test
    void aWordIsOneOfItsEnum() {
        assertOneFault("lazy", settings -> settings.oneOf("a.key", Thread.State.class, Thread.State.NEW))
                .endsWith("'lazy' is none of new, runnable, blocked, waiting, timed-waiting, terminated");
    }

    @ParameterizedTest
    @ValueSource(strings = {"${home}/x", "x/${data}", "${data}x", "${data}/${data}", "a\0b"})
    void aPathHasNoOtherPlaceholder(String text) {
        assertOneFault(
                text,
                settings -> assertThat(settings.path("a.key", "${data}/w")).isEqualTo(Path.of("data/w")));
    }

    @Test
    void theDataDirectoryIsNotInsideItself() {
        Settings settings = given().option("data.dir", "${data}/x").settings();
        assertThat(settings.path("data.dir", "data")).isEqualTo(Path.of("data"));
        assertThat(faults(settings))
                .singleElement()
                .asString()
                .startsWith("data.dir (option) '${data}/x' has a placeholder");
    }

    @Test
    void aFileIsThere() {
        assertOneFault(dir.resolve("absent").toString(), settings -> settings.file("a.key"));
        assertOneFault(dir.toString(), settings -> settings.file("a.key"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "example.com",
                "ftp://example.com",
                "https://",
                "https:///x",
                "https://u:p@example.com",
                "https://a b",
                "//a"
            })
    void anAddressHasASchemeAndAHostAndNobodysName(String text) {
        assertOneFault(text, settings -> settings.uri("a.key", "https", "http"))
                .endsWith("a.key (option) is not an address like https://host or http://host");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  "})
    void anEmptyValueIsNotTheDefault(String text) {
        assertOneFault(text, settings -> settings.text("a.key", "x")).contains("is empty");
        assertOneFault(text, settings -> settings.secret("a.key")).contains("is empty");
        assertOneFault(text, settings -> settings.port("a.key", 1)).contains("is empty");
    }

    @Test
    void aSecretIsSetOnceInOneSource() throws Exception {
        Path file = Files.writeString(dir.resolve("secret"), CANARY);
        Settings settings = given().environment("SLUICE_A_KEY", CANARY)
                .environment("SLUICE_A_KEY_FILE", file.toString())
                .settings();
        assertThat(settings.secret("a.key")).isEmpty();
        assertThat(faults(settings))
                .containsExactly("SLUICE_A_KEY (environment) is set twice, here and by SLUICE_A_KEY_FILE");
    }

    @Test
    void aSecretsFileIsReadableTextOfModestSize() throws Exception {
        assertSecretFileFault(dir.resolve("absent"), "names no file that can be read");
        assertSecretFileFault(dir, "names no file that can be read");
        assertSecretFileFault(Files.writeString(dir.resolve("empty"), "\n"), "names an empty file");
        assertSecretFileFault(
                Files.write(dir.resolve("binary"), new byte[] {(byte) 0xff}), "names a file that is not UTF-8 text");
        assertSecretFileFault(Path.of("/dev/zero"), "names a file larger than 64KiB");
    }

    @Test
    void noFaultShowsASecret() {
        Settings settings = given().yaml(
                        "{a.list: [" + CANARY + "], a.twice: " + CANARY + ", a.twice-file: x, a.typo: " + CANARY + "}")
                .environment("SLUICE_A_PATH_FILE", CANARY)
                .environment("SLUICE_A_TYPO", CANARY)
                .option("a.type", CANARY)
                .option("a.uri", "https://user:" + CANARY + "@host")
                .option("a.ruled", CANARY)
                .settings();
        settings.secret("a.list");
        settings.secret("a.twice");
        settings.secret("a.path");
        settings.uri("a.uri", "https");
        settings.secret("a.ruled");
        settings.fault("a.ruled", "is too weak");
        assertThat(faults(settings)).hasSize(8).noneMatch(fault -> fault.contains(CANARY));
    }

    @Test
    void noLineEndInAValueMakesASecondLine() {
        assertOneFault("1\n2\u001b[31m", settings -> settings.port("a.key", 1))
                .isEqualTo("a.key (option) '1?2?[31m' is not a whole number");
    }

    @Test
    void anUnknownKeyIsRefusedWhereverItIsSet() {
        SettingsFixture given = given().yaml("http:\n  prot: 1\nstorage:\n  kind: s3\nworkspace: x\n")
                .environment("SLUICE_HTTP_PROT", "1")
                .environment("SLUICE_COLOUR", "1")
                .option("http.Port", "1");
        Settings settings = given.settings();
        settings.port("http.port", 1);
        settings.text("storage", "local");
        settings.path("workspace.dir", "w");
        String file = "(file " + given.file() + ", line ";
        assertThat(faults(settings))
                .containsExactly(
                        "http.Port (option) is unknown; did you mean http.port?",
                        "SLUICE_COLOUR (environment) is unknown",
                        "SLUICE_HTTP_PROT (environment) is unknown; did you mean SLUICE_HTTP_PORT?",
                        "http.prot " + file + "2) is unknown; did you mean http.port?",
                        "storage.kind " + file + "4) is unknown: storage takes a value, not a section",
                        "workspace " + file + "5) is a section: its keys go below it, indented");
    }

    @Test
    void variablesOfOthersAreNotOurs() {
        Settings settings = given().environment("PATH", "/bin")
                .environment("sluice_x", "")
                .environment("SLUICE_TEST_TOOLS", "required")
                .environment("SLUICE_SERVICE_HOST", "10.0.0.1")
                .environment("SLUICE_SERVICE_PORT", "80")
                .environment("SLUICE_SERVICE_PORT_HTTP", "80")
                .environment("SLUICE_PORT", "tcp://10.0.0.1:80")
                .environment("SLUICE_PORT_80_TCP", "tcp://10.0.0.1:80")
                .environment("SLUICE_PORT_80_TCP_ADDR", "10.0.0.1")
                .environment("SLUICE_POSTGRES_SERVICE_HOST", "10.0.0.2")
                .environment("SLUICE_POSTGRES_PORT", "tcp://10.0.0.2:5432")
                .settings();
        assertThat(faults(settings)).isEmpty();
    }

    @Test
    void aFileThatWasNamedMustExist() {
        Path absent = dir.resolve("absent.yaml");
        assertThat(faults(Settings.read(Optional.of(absent), Map.of(), Map.of())))
                .containsExactly("file " + absent + " does not exist");
        assertThat(faults(Settings.read(Optional.of(dir), Map.of(), Map.of())))
                .containsExactly("file " + dir + " is not a file");
    }

    private void assertSecretFileFault(Path file, String reason) {
        Settings settings = given().option("a.key-file", file.toString()).settings();
        assertThat(settings.secret("a.key")).isEmpty();
        assertThat(faults(settings)).containsExactly("a.key-file (option) " + reason);
    }

    private org.assertj.core.api.AbstractStringAssert<?> assertOneFault(String value, Consumer<Settings> ask) {
        Settings settings = given().option("a.key", value).settings();
        ask.accept(settings);
        return assertThat(faults(settings))
                .singleElement(org.assertj.core.api.InstanceOfAssertFactories.STRING)
                .startsWith("a.key (option) ");
    }

    private SettingsFixture given() {
        return new SettingsFixture(dir);
    }
}
