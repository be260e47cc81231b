package dev.sluice.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Is the CRC-32 of a live file nearly free on demand? Operations are MiB, of a file in the page cache. And what does it take to go on
 * with one from where another process left it?
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class FileChecksumBenchmark {
    private static final int MEBIBYTES = 16;
    private static final long SIZE = (long) MEBIBYTES << 20;
    /** A power of two. */
    private static final int SIZES = 1024;

    private final long[] sizes = new Random(SIZES).longs(SIZES, 1, 1L << 40).toArray();
    private int next;
    private Path path;
    private FileChannel file;

    @Setup
    public void write() throws IOException {
        byte[] random = new byte[(int) SIZE];
        new Random(MEBIBYTES).nextBytes(random);
        path = Files.write(Files.createTempFile("sluice-checksum", null), random);
        file = FileChannel.open(path);
    }

    @TearDown
    public void delete() throws IOException {
        file.close();
        Files.delete(path);
    }

    @Benchmark
    @OperationsPerInvocation(MEBIBYTES)
    public long mebibyteOfCrc32(Blackhole progress) throws IOException {
        return Checksum.crc32(file, SIZE, Checksum.Checkpoint.START, progress::consume);
    }

    @Benchmark
    @OperationsPerInvocation(MEBIBYTES)
    public Fingerprint mebibyteOfCrc32AndSha256() throws IOException {
        return Checksum.fingerprint(file, SIZE, Progress.IGNORED);
    }

    @Benchmark
    @BenchmarkMode(Mode.AverageTime)
    @OutputTimeUnit(TimeUnit.NANOSECONDS)
    public long combine() {
        long size = sizes[next++ & SIZES - 1];
        return Crc32.combine(0xCBF43926L, size & 0xFFFFFFFFL, size);
    }
}
