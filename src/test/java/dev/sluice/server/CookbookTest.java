package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.sluice.archive.ExternalTool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs what {@code src/docs/cookbook.md} tells people to run, in its order, against a server. */
class CookbookTest {
    private static final Path COOKBOOK = Path.of("src", "docs", "cookbook.md");
    private static final Pattern BLOCK = Pattern.compile("^```(\\w*)\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final List<String> TOOLS =
            List.of("bash", "curl", "jq", "openssl", "unzip", "sha256sum", "cmp", "tar", "aria2c", "python3");

    @TempDir
    private Path dir;

    private record Block(String language, String text) {}

    @Test
    void everyBlockDoesWhatItSays() throws Exception {
        for (String tool : TOOLS) {
            new ExternalTool(tool).requirePresent();
        }
        List<Block> blocks = blocks(Files.readString(COOKBOOK));
        assertThat(blocks).extracting(Block::language).contains("bash", "python", "yaml");
        try (TestServer server =
                TestServer.builder().with("ingest.poll-interval", "200ms").start()) {
            String environment = String.join(
                    "\n",
                    "export SLUICE_URL=" + server.uri(""),
                    "export SLUICE_OWNER=alice",
                    "export SLUICE_TOKEN=" + server.token("alice"),
                    "export SLUICE_TRAINER_TOKEN=" + server.trainer(),
                    "export JOB=run-1",
                    "");
            for (Block block : blocks) {
                switch (block.language()) {
                    case "bash" -> run(dir, environment + block.text());
                    case "python" ->
                        run(dir, environment + "python3 " + Files.writeString(dir.resolve("block.py"), block.text()));
                    case "yaml" -> runContained(environment, new YAMLMapper().readTree(block.text()));
                    default -> throw new AssertionError("nobody runs blocks of '" + block.language() + "'");
                }
            }
        }
        byte[] weights = Files.readAllBytes(dir.resolve("model/model.safetensors"));
        for (String copy : List.of("unpacked", "by-metalink", "kubernetes")) {
            assertThat(dir.resolve(copy).resolve("model.safetensors")).hasBinaryContent(weights);
        }
        assertThat(dir.resolve("python.safetensors")).hasBinaryContent(weights);
        assertThat(dir.resolve("python.zip")).hasSameBinaryContentAs(dir.resolve("model.zip"));
    }

    private static List<Block> blocks(String markdown) {
        List<Block> blocks = new ArrayList<>();
        for (Matcher found = BLOCK.matcher(markdown); found.find(); ) {
            blocks.add(new Block(found.group(1), found.group(2)));
        }
        return blocks;
    }

    /** A workflow's steps as GitHub runs them, or what a pod runs first. */
    private void runContained(String environment, JsonNode document) throws Exception {
        List<String> scripts = new ArrayList<>();
        for (JsonNode job : document.path("jobs")) {
            for (JsonNode step : job.path("steps")) {
                scripts.add(step.path("run").asText());
            }
        }
        for (String script : scripts) {
            run(dir, environment + script);
        }
        if (scripts.isEmpty()) {
            runPod(environment, document.at("/spec/template/spec/initContainers/0"));
        }
    }

    /** Into an empty directory, and again where something is missing and something is damaged. */
    private void runPod(String environment, JsonNode container) throws Exception {
        assertThat(container.path("command")).hasToString("[\"sh\",\"-euc\"]");
        Path place = Files.createDirectory(dir.resolve("kubernetes"));
        String script = environment + "export MODEL_ID=$(cat ../model-id)\n"
                + container.path("args").path(0).asText();
        new ExternalTool("sh").run(place, "-euc", script).succeeded();
        Files.delete(place.resolve("config.json"));
        Files.writeString(place.resolve("model.safetensors"), "damaged");
        new ExternalTool("sh").run(place, "-euc", script).succeeded();
        assertThat(place.resolve("config.json")).exists();
    }

    private static void run(Path directory, String script) throws Exception {
        new ExternalTool("bash").run(directory, "-eo", "pipefail", "-c", script).succeeded();
    }
}
