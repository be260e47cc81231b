package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.sluice.config.Settings;
import dev.sluice.server.ServerConfig.Mode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds {@code conf/sluice.yaml} and {@link ServerConfig} together. */
class ConfigurationFileTest {
    private static final Path FILE = Path.of("conf", "sluice.yaml");
    private static final Pattern VARIABLE = Pattern.compile("\\(SLUICE_[A-Z0-9_]+\\)");

    /** {@code #key: value} is a key without a default; {@code # text} is a comment. */
    private static final Pattern KEY = Pattern.compile("(\\s*)#?([a-z0-9-]+):(.*)");

    @TempDir
    Path dir;

    @Test
    void asItIsItSaysNothingButTheDefaults() throws Exception {
        Path empty = Files.createFile(dir.resolve("empty.yaml"));
        ServerConfig defaults = ServerConfig.from(settings(empty), Mode.DEMO);
        assertThat(ServerConfig.from(settings(FILE), Mode.DEMO)).isEqualTo(defaults);
    }

    @Test
    void itIsReadFromTheWorkingDirectoryWhenNoFileIsNamed() throws Exception {
        Settings settings = Settings.read(Optional.empty(), Map.of(), Map.of());
        settings.port("http.port", 1);
        assertThat(settings.isSet("http.port")).isTrue();
    }

    @Test
    void itDocumentsEveryKeyAndNoOther() throws Exception {
        Settings settings = settings(FILE);
        ServerConfig.from(settings, Mode.DEMO);
        assertThat(documented())
                .containsExactlyInAnyOrderElementsOf(settings.defaults().keySet());
    }

    @Test
    void aKeyWithADefaultStandsThereWithItAndOneWithoutIsCommentedOut() throws Exception {
        Settings settings = settings(FILE);
        ServerConfig.from(settings, Mode.DEMO);
        SortedMap<String, String> withDefault = new TreeMap<>(settings.defaults());
        withDefault.values().removeIf(String::isEmpty);
        SortedMap<String, String> active = new TreeMap<>();
        collect("", new YAMLMapper().readTree(Files.readString(FILE)), active);
        assertThat(active.keySet()).isEqualTo(withDefault.keySet());
    }

    @Test
    void theExamplesThatAreCommentedOutAreValid() throws Exception {
        String uncommented = Files.readString(FILE)
                .replaceAll("(?m)^(\\s*)#(?=[a-z0-9-]+:)", "$1")
                .replaceAll("(?m)^.*-file: .*$", "")
                .replaceAll("(?m)^  tls-.*$", "")
                .replaceAll("(?m)^  certificate-authorities: .*$", "")
                .replaceAll("(?m)^  file: .*$", "")
                .replaceAll("(?m)^  jwks-url: .*$", "");
        Path file = Files.writeString(dir.resolve("uncommented.yaml"), uncommented);
        ServerConfig config = ServerConfig.from(settings(file), Mode.PRODUCTION);
        assertThat(config.links().keys()).hasSize(2);
        assertThat(config.ingest().allowedHosts()).containsExactly("huggingface.co", "*.hf.co");
    }

    private static Settings settings(Path file) {
        return Settings.read(Optional.of(file), Map.of(), Map.of());
    }

    /** The keys in the order of the file; each must have its own variable in the comment above it. */
    private static List<String> documented() throws Exception {
        List<String> keys = new ArrayList<>();
        String section = "";
        String comment = "";
        for (String line : Files.readAllLines(FILE)) {
            Matcher key = KEY.matcher(line);
            if (line.strip().startsWith("# ")) {
                comment += line.strip() + "\n";
            } else if (key.matches()) {
                if (key.group(1).isEmpty()) {
                    section = "";
                }
                if (key.group(3).isEmpty()) {
                    section = key.group(2) + ".";
                } else {
                    String name = section + key.group(2).replaceFirst("-file$", "");
                    boolean ownFile = (section + key.group(2)).equals("ingest.credentials-file");
                    keys.add(ownFile ? "ingest.credentials-file" : name);
                    assertThat(VARIABLE.matcher(comment).results().map(found -> found.group()))
                            .as(line)
                            .containsExactly("(" + variable(keys.get(keys.size() - 1)) + ")");
                }
                comment = "";
            } else {
                comment = "";
            }
        }
        return keys;
    }

    private static String variable(String key) {
        return "SLUICE_" + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    private static void collect(String prefix, JsonNode node, Map<String, String> values) {
        node.properties().forEach(entry -> {
            if (entry.getValue().isObject()) {
                collect(prefix + entry.getKey() + ".", entry.getValue(), values);
            } else if (!entry.getValue().isNull()) {
                values.put(prefix + entry.getKey(), entry.getValue().asText());
            }
        });
    }
}
