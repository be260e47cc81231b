package dev.sluice;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** Results as a Markdown table: one line for each benchmark and its parameters. */
final class BenchmarkTable {
    /** As JMH's GCProfiler names it. */
    private static final String ALLOCATED = "gc.alloc.rate.norm";

    private BenchmarkTable() {}

    static String of(Collection<RunResult> results) {
        StringBuilder table = new StringBuilder("# Benchmarks\n\n%s %s, %s on %s with %d cores.\n\n"
                .formatted(
                        System.getProperty("java.vm.name"),
                        System.getProperty("java.vm.version"),
                        System.getProperty("os.name"),
                        System.getProperty("os.arch"),
                        Runtime.getRuntime().availableProcessors()));
        table.append(
                "| benchmark | with | score | ± (99.9 %) | unit | bytes allocated |\n| --- | --- | ---: | ---: | --- | ---: |\n");
        results.forEach(result -> table.append(line(result)));
        return table.toString();
    }

    private static String line(RunResult result) {
        Result<?> score = result.getPrimaryResult();
        return "| %s | %s | %s | %s | %s | %s |\n"
                .formatted(
                        name(result.getParams()),
                        parameters(result.getParams()),
                        number(score.getScore()),
                        number(score.getScoreError()),
                        score.getScoreUnit(),
                        Optional.ofNullable(result.getSecondaryResults().get(ALLOCATED))
                                .map(allocated -> number(allocated.getScore()))
                                .orElse(""));
    }

    /** Class and method. */
    private static String name(BenchmarkParams params) {
        String[] parts = params.getBenchmark().split("\\.", -1);
        return parts[parts.length - 2] + "." + parts[parts.length - 1];
    }

    private static String parameters(BenchmarkParams params) {
        return params.getParamsKeys().stream()
                .map(key -> key + "=" + params.getParam(key))
                .collect(Collectors.joining(", "));
    }

    /** Three digits are as many as are repeatable. */
    private static String number(double value) {
        if (Double.isNaN(value)) {
            return "";
        }
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%,.0f", value);
    }
}
