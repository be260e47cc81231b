package dev.sluice.access;

import java.time.Clock;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What does a link cost, and is a forged one cheaper to refuse? It had better not be dearer, for anybody may send one. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LinkBenchmark {
    private static final int SECRET_BYTES = 32;

    private static final Clock CLOCK = Verifiers.FIXED;
    /** A power of two. */
    private static final int LINKS = 256;

    private final LinkSigner signer = signer((byte) 1);
    private final List<DownloadLink> links =
            IntStream.range(0, LINKS).mapToObj(i -> link(i, 60)).toList();
    private final List<String> valid = links.stream().map(signer::sign).toList();
    private final List<String> forged =
            links.stream().map(signer((byte) 2)::sign).toList();
    private final List<String> expired =
            IntStream.range(0, LINKS).mapToObj(i -> signer.sign(link(i, -60))).toList();
    private int next;

    @Benchmark
    public String sign() {
        return signer.sign(links.get(next++ & LINKS - 1));
    }

    @Benchmark
    public Optional<DownloadLink> valid() {
        return signer.verify(valid.get(next++ & LINKS - 1));
    }

    @Benchmark
    public Optional<DownloadLink> forged() {
        return signer.verify(forged.get(next++ & LINKS - 1));
    }

    @Benchmark
    public Optional<DownloadLink> expired() {
        return signer.verify(expired.get(next++ & LINKS - 1));
    }

    @Benchmark
    public Optional<DownloadLink> noLink() {
        return signer.verify("password" + next++);
    }

    private static LinkSigner signer(byte first) {
        byte[] secret = new byte[SECRET_BYTES];
        secret[0] = first;
        return new LinkSigner(List.of(LinkKey.of("stored-1", secret)), CLOCK);
    }

    private static DownloadLink link(int i, int seconds) {
        BitSet file = new BitSet();
        file.set(i);
        return new DownloadLink(
                new UUID(1, i),
                "nrKZbVtuGk2CGzyTLWXtQQ",
                file,
                "file",
                "alice@example.org",
                1,
                0,
                CLOCK.instant().plusSeconds(seconds),
                "model-%05d-of-00016.safetensors".formatted(i));
    }
}
