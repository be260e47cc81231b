package dev.sluice.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Scripts among the test resources, run by the machine's own python3, which knows nothing of our writers. */
final class Python {
    private Python() {}

    /** What the script prints; fails when it does, and skips the test where there is no python3. */
    static String run(String script, Path... arguments) throws IOException, InterruptedException {
        requirePython();
        List<String> command =
                new ArrayList<>(List.of("python3", "-I", resource(script).toString()));
        Arrays.stream(arguments).map(Path::toString).forEach(command::add);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s: %s", script, output).isZero();
        return output;
    }

    private static void requirePython() {
        boolean found = Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, "python3")));
        if (!found && "required".equals(System.getenv("SLUICE_TEST_TOOLS"))) {
            fail("python3 is not installed");
        } else if (!found) {
            abort("skipped: python3 is not installed");
        }
    }

    private static Path resource(String script) {
        try {
            return Path.of(Python.class.getResource(script).toURI());
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
