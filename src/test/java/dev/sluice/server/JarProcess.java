package dev.sluice.server;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The packaged jar as a process of its own, with none of this process's configuration. Blocking. */
final class JarProcess implements AutoCloseable {
    private static final Pattern LISTENS =
            Pattern.compile("Sluice .* listens on port (\\d+), management on port (\\d+)");

    private final Process process;
    private final Path errors;

    private JarProcess(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
    }

    /** How a command ended and what it said. */
    record Ended(int status, String output, String errors) {}

    static JarProcess start(Path directory, Map<String, String> environment, String... arguments) throws IOException {
        Path jar = Path.of("target", "sluice.jar").toAbsolutePath();
        if (!Files.exists(jar)) {
            throw new AssertionError("the jar is made by mvn package, and is not there");
        }
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-jar",
                jar.toString()));
        command.addAll(List.of(arguments));
        Path errors = Files.createTempFile("sluice-jar", ".err");
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectError(errors.toFile());
        builder.redirectInput(new File("/dev/null"));
        builder.environment().keySet().removeIf(name -> name.startsWith("SLUICE_"));
        builder.environment().putAll(environment);
        return new JarProcess(builder.start(), errors);
    }

    static Ended run(Path directory, Map<String, String> environment, String... arguments) throws IOException {
        try (JarProcess jar = start(directory, environment, arguments)) {
            String output =
                    new String(jar.process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            return new Ended(jar.await(), output, jar.errors());
        }
    }

    /** Waits until a server says where it listens. */
    int port() throws IOException {
        BufferedReader output = process.inputReader();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            Matcher listens = LISTENS.matcher(line);
            if (listens.matches()) {
                return Integer.parseInt(listens.group(1));
            }
        }
        throw new AssertionError("it ended before it listened: " + errors());
    }

    /** As {@code kill -9} does. */
    void kill() {
        process.destroyForcibly();
        await();
    }

    /** As {@code kill} does, and as a platform that stops a container. */
    int terminate() {
        process.destroy();
        return await();
    }

    private int await() {
        try {
            if (!process.waitFor(1, TimeUnit.MINUTES)) {
                throw new AssertionError("it does not end: " + errors());
            }
            return process.exitValue();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    private String errors() {
        try {
            return Files.readString(errors);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        Files.delete(errors);
    }
}
