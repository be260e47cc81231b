package dev.sluice.http;

import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What does a date in a response's header cost? Each response has a Last-Modified. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HttpDateBenchmark {
    private Instant modified = Instant.parse("2026-11-21T12:00:00Z");

    @Benchmark
    public String format() {
        modified = modified.plusSeconds(1);
        return HttpDate.format(modified);
    }
}
