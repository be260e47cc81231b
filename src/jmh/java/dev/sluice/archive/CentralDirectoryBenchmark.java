package dev.sluice.archive;

import java.util.Iterator;
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
import org.openjdk.jmh.infra.Blackhole;

/** What does the end of a zip cost, the only part that grows with it? It is made in pieces of 64 KiB, between which others have their turn. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class CentralDirectoryBenchmark {
    @Param({"10", "1000", "70000"})
    public int entries;

    private ArchiveLayout directory;

    @Setup
    public void plan() {
        List<Entry> listed = Entries.of(entries);
        ArchiveLayout whole = ArchiveLayout.zip(listed);
        directory = whole.slice(new ZipFormat(listed).offset(2 * entries), whole.length());
    }

    /** Which checksums are waited for. */
    @Benchmark
    public void plan(Blackhole planned) {
        Iterator<Segment> segments = directory.segments();
        while (segments.hasNext()) {
            planned.consume(segments.next());
        }
    }

    @Benchmark
    public void render(Blackhole sent) {
        Iterator<Segment> segments = directory.segments();
        while (segments.hasNext()) {
            sent.consume(((Segment.Bytes) segments.next()).render(entry -> entry));
        }
    }
}
