package dev.sluice.archive;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What is an archive's exact length worth, before its first byte? In proportion to the entries, and on an event loop. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class LayoutBenchmark {
    @Param({"10", "1000", "70000"})
    public int entries;

    private List<Entry> listed;

    @Setup
    public void list() {
        listed = Entries.of(entries);
    }

    @Benchmark
    public long zip() {
        return ArchiveLayout.zip(listed).length();
    }

    @Benchmark
    public long tar() {
        return ArchiveLayout.tar(listed).length();
    }
}
