package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The walk that anyone can take with curl. */
class WalkTest {
    @TempDir
    private Path dir;

    @Test
    void everyRowOfTheApiAnswersCurlAsItShould() throws IOException, InterruptedException {
        requirePresent("bash");
        requirePresent("curl");
        Path table = dir.resolve("table");
        try (TestServer server = TestServer.start()) {
            ProcessBuilder walk = new ProcessBuilder("bash", "src/test/resources/walk.sh")
                    .redirectErrorStream(true)
                    .redirectOutput(table.toFile());
            walk.environment()
                    .putAll(Map.of(
                            "BASE", server.uri("").toString(),
                            "TRAINER_TOKEN", server.trainer(),
                            "OWNER_TOKEN", server.token("alice"),
                            "OWNER", "alice"));
            Process process = walk.start();
            try {
                // Ends by itself, for curl waits a minute at most: so many calls take long on a busy machine.
                assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
            } finally {
                process.destroyForcibly();
            }
            String printed = Files.readString(table);
            System.out.println(printed);
            assertThat(process.exitValue()).as(printed).isZero();
            assertThat(printed.lines()).hasSizeGreaterThan(90);
        }
    }

    private static void requirePresent(String program) {
        boolean present = Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
        if (!present && "required".equals(System.getenv("SLUICE_TEST_TOOLS"))) {
            throw new AssertionError(program + " is required and not on the PATH");
        }
        assumeTrue(present, () -> program + " is not installed");
    }
}
