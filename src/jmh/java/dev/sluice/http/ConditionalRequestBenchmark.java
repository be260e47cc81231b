package dev.sluice.http;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What do ranges and conditions add to a request, from its header's lines to the decision? */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ConditionalRequestBenchmark {
    private static final long LENGTH = 140L << 30;
    /** A power of two. */
    private static final int REQUESTS = 1024;

    private static final Validators CURRENT =
            new Validators(EntityTag.strong("nrKZbVtuGk2CGzyTLWXtQQ"), Instant.parse("2026-11-21T12:00:00Z"));

    @Param({"nothing", "range", "suffix", "resume by tag", "resume by date", "20 tags", "date"})
    public String asking;

    private List<Map<String, List<String>>> requests;
    private int next;

    @Setup
    public void ask() {
        Random random = new Random(REQUESTS);
        requests = IntStream.range(0, REQUESTS).mapToObj(i -> fields(random)).toList();
    }

    @Benchmark
    public Decision decide() {
        Map<String, List<String>> fields = requests.get(next++ & REQUESTS - 1);
        ConditionalRequest request = ConditionalRequest.from("GET", null, name -> fields.getOrDefault(name, List.of()));
        return Decision.decide(request, CURRENT, LENGTH, RangePolicy.ALWAYS);
    }

    private Map<String, List<String>> fields(Random random) {
        long first = random.longs(1, 0, LENGTH).sum();
        List<String> range = List.of("bytes=" + first + "-" + (first + random.nextInt(1 << 20)));
        return switch (asking) {
            case "nothing" -> Map.of();
            case "range" -> Map.of("Range", range);
            case "suffix" -> Map.of("Range", List.of("bytes=-" + (1 + random.nextInt(1 << 20))));
            case "resume by tag" ->
                Map.of("Range", range, "If-Range", List.of(CURRENT.tag().toString()));
            case "resume by date" -> Map.of("Range", range, "If-Range", List.of(date(random)));
            case "20 tags" -> Map.of("If-None-Match", List.of(tags(random)));
            case "date" -> Map.of("If-Modified-Since", List.of(date(random)));
            default -> throw new IllegalArgumentException(asking);
        };
    }

    /** At most a minute after the content's. */
    private static String date(Random random) {
        return HttpDate.format(CURRENT.lastModified().plusSeconds(random.nextInt(60)));
    }

    /** None is the current one, so that all are looked at. */
    private static String tags(Random random) {
        return random.longs(20)
                .mapToObj(number -> EntityTag.strong(Long.toHexString(number)).toString())
                .collect(Collectors.joining(", "));
    }
}
