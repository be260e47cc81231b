package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.archive.ExternalTool;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's lines that fetch what differs from what is there already, run as they are written. */
class DeltaPullTest {
    private static final String ODD = "a dir/ä b#c%41?d&e.txt";
    private static final byte[] SAME = Models.noise(9_000);

    @TempDir
    private Path directory;

    @Test
    void onlyWhatDiffersIsFetchedWhateverItsName() throws Exception {
        for (String tool : List.of("curl", "sha256sum")) {
            new ExternalTool(tool).requirePresent();
        }
        try (TestServer server = TestServer.start()) {
            Models models = new Models(server);
            String first = models.ofFiles(
                            "ann", "first", Map.of("model/same.bin", SAME, "model/" + encoded(ODD), bytes("before")))
                    .getString("id");
            String second = models.ofFiles(
                            "ann",
                            "second",
                            Map.of(
                                    "model/same.bin",
                                    SAME,
                                    "model/" + encoded(ODD),
                                    bytes("after"),
                                    "model/new.txt",
                                    bytes("new")))
                    .getString("id");

            pull(server, first);
            assertThat(directory.resolve("same.bin")).hasBinaryContent(SAME);
            assertThat(directory.resolve(ODD)).hasContent("before");
            FileTime longAgo = FileTime.from(Instant.parse("2020-02-02T20:20:20Z"));
            Files.setLastModifiedTime(directory.resolve("same.bin"), longAgo);

            pull(server, second);
            assertThat(Files.getLastModifiedTime(directory.resolve("same.bin")))
                    .as("not fetched again")
                    .isEqualTo(longAgo);
            assertThat(directory.resolve(ODD)).hasContent("after");
            assertThat(directory.resolve("new.txt")).hasContent("new");
        }
    }

    private void pull(TestServer server, String id) throws Exception {
        String script = "set -eu\nS=%s\nT=%s\nID=%s\n".formatted(server.uri(""), server.token("ann"), id) + lines();
        ExternalTool.Run run = new ExternalTool("bash").run(directory, "-c", script);
        assertThat(run.output()).isEmpty();
        run.succeeded();
    }

    private static String lines() throws Exception {
        List<String> readme = Files.readAllLines(Path.of("README.md"));
        String lines = readme.stream()
                .dropWhile(line -> !line.contains("> SHA256SUMS"))
                .takeWhile(line -> line.startsWith("    "))
                .map(String::strip)
                .collect(Collectors.joining("\n"));
        assertThat(lines).contains("curl", "sha256sum -c");
        return lines;
    }

    private static String encoded(String path) {
        return URLEncoder.encode(path, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%2F", "/");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
