package dev.sluice;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs the benchmarks that are asked for, or all, in some minutes, and writes what they found to {@code target/bench}. Takes what
 * JMH's command line takes ({@code -h} lists it), and {@code --quick}, which shows that they work and not how fast.
 */
public final class Benchmarks {
    private static final String QUICK = "--quick";
    private static final Path REPORTS = Path.of("target", "bench");

    private Benchmarks() {}

    public static void main(String[] arguments) throws CommandLineOptionException, RunnerException, IOException {
        CommandLineOptions asked = new CommandLineOptions(Arrays.stream(arguments)
                .filter(argument -> !argument.equals(QUICK))
                .toArray(String[]::new));
        if (asked.shouldHelp()) {
            asked.showHelp();
            return;
        }
        if (asked.shouldList()) {
            new Runner(asked).list();
            return;
        }
        Files.createDirectories(REPORTS);
        boolean quick = Arrays.asList(arguments).contains(QUICK);
        Collection<RunResult> results = new Runner(withDefaults(asked, quick)).run();
        String table = BenchmarkTable.of(results);
        Files.writeString(REPORTS.resolve("jmh.md"), table);
        System.out.println(table);
    }

    private static Options withDefaults(CommandLineOptions asked, boolean quick) {
        TimeValue iteration = TimeValue.milliseconds(quick ? 50 : 500);
        return new OptionsBuilder()
                .parent(asked)
                .forks(asked.getForkCount().orElse(1))
                .warmupIterations(asked.getWarmupIterations().orElse(quick ? 1 : 3))
                .warmupTime(asked.getWarmupTime().orElse(iteration))
                .measurementIterations(asked.getMeasurementIterations().orElse(quick ? 2 : 5))
                .measurementTime(asked.getMeasurementTime().orElse(iteration))
                .shouldFailOnError(true)
                .addProfiler(GCProfiler.class)
                .resultFormat(ResultFormatType.JSON)
                .result(REPORTS.resolve("jmh.json").toString())
                .build();
    }
}
