package dev.sluice.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program of the machine. Where it is missing the test is skipped, or fails if SLUICE_TEST_TOOLS=required. */
public record ExternalTool(String program) {
    public record Run(int exit, String output) {
        public Run succeeded() {
            assertThat(exit).as(output).isZero();
            return this;
        }
    }

    public Run run(Path directory, Object... arguments) throws IOException, InterruptedException {
        requirePresent();
        List<String> command = new ArrayList<>(List.of(program));
        Arrays.stream(arguments).map(Object::toString).forEach(command::add);
        Path output = Files.createTempFile("tool", ".out");
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectInput(new File("/dev/null"))
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            builder.environment().put("LC_ALL", "C.UTF-8");
            builder.environment().put("TZ", "UTC");
            Process process = builder.start();
            if (!process.waitFor(2, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new AssertionError(command + " hangs");
            }
            return new Run(process.exitValue(), Files.readString(output, StandardCharsets.ISO_8859_1));
        } finally {
            Files.delete(output);
        }
    }

    public void requirePresent() {
        boolean present = Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
        if (!present && "required".equals(System.getenv("SLUICE_TEST_TOOLS"))) {
            throw new AssertionError(program + " is required and not on the PATH");
        }
        assumeTrue(present, () -> program + " is not installed");
    }
}
