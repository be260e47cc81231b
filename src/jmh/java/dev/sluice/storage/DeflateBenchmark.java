package dev.sluice.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.zip.Deflater;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;

/**
 * What do blocks on several cores gain on one Deflater of the same level? Operations are MiB of content. The blocks' figures include the
 * CRC-32 and SHA-256 of both content and stream, the Deflater's do not. Weights are what is stored for that they shrink little.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class DeflateBenchmark {
    private static final int MEBIBYTES = 16;
    private static final int SIZE = MEBIBYTES << 20;
    private static final int SAMPLE = 128 * 1024;
    private static final int PIECE = 64 * 1024;

    @Param({"log", "weights"})
    public String content;

    private final ExecutorService workers =
            Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    private final ParallelDeflater parallel =
            new ParallelDeflater(workers, Runtime.getRuntime().availableProcessors());
    private final ParallelDeflater alone = new ParallelDeflater(Runnable::run, 1);
    private Path path;
    private FileChannel file;

    @Setup
    public void write() throws IOException {
        byte[] bytes = repeated(content.equals("log") ? log() : weights());
        path = Files.write(Files.createTempFile("sluice-deflate", null), bytes);
        file = FileChannel.open(path);
    }

    @TearDown
    public void end() throws IOException {
        workers.shutdownNow();
        file.close();
        Files.delete(path);
    }

    @Benchmark
    @OperationsPerInvocation(MEBIBYTES)
    public Optional<Deflated> mebibyteByAllCores(Blackhole sink) throws IOException {
        return parallel.deflate(file, SIZE, Long.MAX_VALUE, sink::consume, Progress.IGNORED);
    }

    @Benchmark
    @OperationsPerInvocation(MEBIBYTES)
    public Optional<Deflated> mebibyteByOneCore(Blackhole sink) throws IOException {
        return alone.deflate(file, SIZE, Long.MAX_VALUE, sink::consume, Progress.IGNORED);
    }

    @Benchmark
    @OperationsPerInvocation(MEBIBYTES)
    public long mebibyteByDeflater(Blackhole sink) throws IOException {
        Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
        ByteBuffer in = ByteBuffer.allocate(PIECE);
        byte[] out = new byte[PIECE];
        try {
            for (int at = 0; at < SIZE; at += PIECE) {
                FileBytes.read(file, at, in.clear());
                deflater.setInput(in.flip());
                while (!deflater.needsInput()) {
                    sink.consume(deflater.deflate(out));
                }
            }
            deflater.finish();
            while (!deflater.finished()) {
                sink.consume(deflater.deflate(out));
            }
            return deflater.getBytesWritten();
        } finally {
            deflater.end();
        }
    }

    /** Again and again the same: deflate looks back no further than 32 KiB. */
    private static byte[] repeated(ByteBuffer sample) {
        ByteBuffer all = ByteBuffer.allocate(SIZE);
        while (all.hasRemaining()) {
            all.put(sample.rewind());
        }
        return all.array();
    }

    private static ByteBuffer log() {
        Random random = new Random(SIZE);
        ByteBuffer log = ByteBuffer.allocate(SAMPLE);
        for (int step = 0; log.hasRemaining(); step++) {
            byte[] line = "2026-11-21T12:%02d:%02d.%03dZ INFO trainer step=%d loss=%.4f lr=%.2e tokens_per_s=%d\n"
                    .formatted(
                            step / 60 % 60,
                            step % 60,
                            random.nextInt(1000),
                            step,
                            4 / Math.log(step + 3.0) + random.nextGaussian() / 100,
                            3e-4 / (1 + step / 1e4),
                            40_000 + random.nextInt(5000))
                    .getBytes(StandardCharsets.US_ASCII);
            log.put(line, 0, Math.min(line.length, log.remaining()));
        }
        return log;
    }

    /** The upper halves of 32-bit floats, bfloat16 that is, of the spread that layers have. */
    private static ByteBuffer weights() {
        Random random = new Random(SIZE);
        ByteBuffer weights = ByteBuffer.allocate(SAMPLE);
        while (weights.hasRemaining()) {
            weights.putShort((short) (Float.floatToRawIntBits((float) random.nextGaussian() * 0.02f) >>> 16));
        }
        return weights;
    }
}
