package dev.sluice.delivery;

import dev.sluice.archive.EntryFilter;
import dev.sluice.storage.BlobId;
import dev.sluice.storage.LocalBlobStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What does each request for a published archive pay on the event loop, whatever the range? Its entries' names, its tag, which is a
 * SHA-256 of all that decides the bytes, and its layout.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class PublishedPlanBenchmark {
    private static final Instant FIRST = Instant.parse("2026-11-21T12:00:00Z");

    @Param({"10", "1000", "70000"})
    public int entries;

    private final EntryFilter everything = EntryFilter.of(List.of(), List.of());
    private Path root;
    private PublishedPlans plans;
    private List<PublishedFile> files;

    @Setup
    public void publish() throws IOException {
        root = Files.createTempDirectory("sluice-plans");
        plans = new PublishedPlans(new LocalBlobStore(root), suspected -> {});
        files = IntStream.range(0, entries)
                .mapToObj(PublishedPlanBenchmark::file)
                .toList();
    }

    @TearDown
    public void delete() throws IOException {
        try (Stream<Path> left = Files.walk(root)) {
            for (Path path : left.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Benchmark
    public Representation zip() {
        return plans.archive(files, ArchiveFormat.ZIP, everything, "published", "model");
    }

    private static PublishedFile file(int i) {
        String path = "checkpoint-%05d/shards/model-%05d-of-00016.safetensors".formatted(i / 16 * 500, i % 16);
        BlobId content = new BlobId("%064x".formatted(i), i);
        return new PublishedFile(path, FIRST.plusSeconds(i), 0644, Optional.of(content), i, Optional.empty());
    }
}
