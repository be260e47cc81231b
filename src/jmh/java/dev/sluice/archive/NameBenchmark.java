package dev.sluice.archive;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What does one path cost: made safe, or held against globs? Each file of an archive pays it at each request. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class NameBenchmark {
    /** A power of two. */
    private static final int PATHS = 1024;

    private final List<String> paths =
            IntStream.range(0, PATHS).mapToObj(Entries::path).toList();
    private final EntryFilter common = EntryFilter.of(List.of("**/*.safetensors"), List.of("checkpoint-0*/**"));
    private final EntryFilter hostile = EntryFilter.of(List.of("**/*a*e*a*e*a*e*z", "{**/,}{**/,}{**/,}z"), List.of());
    private int next;

    @Benchmark
    public EntryName archived() {
        return EntryName.archived(path());
    }

    @Benchmark
    public EntryName parsed() {
        return EntryName.parse(path());
    }

    @Benchmark
    public boolean filtered() {
        return common.accepts(path());
    }

    @Benchmark
    public boolean filteredByHostileGlobs() {
        return hostile.accepts(path());
    }

    private String path() {
        return paths.get(next++ & PATHS - 1);
    }
}
