package dev.sluice.archive;

import java.util.Iterator;
import java.util.List;
import java.util.Random;
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

/** Does a range cost the same wherever it begins, and in whatever archive? A search by halves at most. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SliceBenchmark {
    private static final int MEBIBYTE = 1 << 20;
    /** A power of two. */
    private static final int POSITIONS = 4096;

    @Param({"10", "1000", "70000"})
    public int entries;

    @Param({"zip", "tar"})
    public String format;

    private ArchiveLayout layout;
    private long[] positions;
    private int next;

    @Setup
    public void plan() {
        List<Entry> listed = Entries.of(entries);
        layout = format.equals("zip") ? ArchiveLayout.zip(listed) : ArchiveLayout.tar(listed);
        positions = new Random(entries)
                .longs(POSITIONS, 0, layout.length() - MEBIBYTE)
                .toArray();
    }

    /** What a download that resumes pays before it goes on. */
    @Benchmark
    public Segment firstSegmentOfTheRest() {
        return layout.slice(position(), layout.length()).segments().next();
    }

    /** All segments of a range, headers rendered. */
    @Benchmark
    public void mebibyte(Blackhole sent) {
        long from = position();
        Iterator<Segment> segments = layout.slice(from, from + MEBIBYTE).segments();
        while (segments.hasNext()) {
            Segment segment = segments.next();
            sent.consume(segment instanceof Segment.Bytes bytes ? bytes.render(entry -> entry) : segment);
        }
    }

    private long position() {
        return positions[next++ & POSITIONS - 1];
    }
}
