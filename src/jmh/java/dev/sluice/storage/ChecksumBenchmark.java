package dev.sluice.storage;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** How fast are checksums of memory, and does the size of the pieces matter? Operations are MiB. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class ChecksumBenchmark {
    private static final int MEBIBYTES = 16;

    @Param({"65536", "1048576"})
    public int piece;

    private final ByteBuffer content = ByteBuffer.allocateDirect(MEBIBYTES << 20);

    @Setup
    public void fill() {
        byte[] random = new byte[content.capacity()];
        new Random(MEBIBYTES).nextBytes(random);
        content.clear().put(random);
    }

    @Benchmark
    @OperationsPerInvocation(MEBIBYTES)
    public long mebibyteOfCrc32() {
        CRC32 crc32 = new CRC32();
        for (int at = 0; at < content.capacity(); at += piece) {
            crc32.update(content.slice(at, piece));
        }
        return crc32.getValue();
    }

    @Benchmark
    @OperationsPerInvocation(MEBIBYTES)
    public Fingerprint mebibyteOfCrc32AndSha256() {
        ContentHasher hasher = new ContentHasher();
        for (int at = 0; at < content.capacity(); at += piece) {
            hasher.update(content.slice(at, piece));
        }
        return hasher.finish();
    }
}
