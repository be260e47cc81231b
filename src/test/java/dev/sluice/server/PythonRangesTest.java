package dev.sluice.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.archive.ExternalTool;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Python's zipfile takes one entry out of a remote zip and leaves the rest where it is. */
class PythonRangesTest {
    private static final byte[] WEIGHTS = random(6_000_000);
    private static final byte[] ADAPTER = random(50_000);
    private static final byte[] METRICS = IntStream.range(0, 5_000)
            .mapToObj(step -> "{\"step\": " + step + ", \"loss\": " + 4 * Math.exp(-step / 900.0) + "}\n")
            .collect(Collectors.joining())
            .getBytes(UTF_8);
    /** What finding an entry may cost beside it: the central directory's end, the directory, the local header, and what the buffer reads too much each time. */
    private static final int OVERHEAD = 6 * 16 * 1024;

    private static TestServer server;

    @TempDir
    Path directory;

    @BeforeAll
    static void start() {
        server = TestServer.start();
        server.completed(
                "alice",
                "job",
                Map.of(
                        "model/a/optimizer.bin",
                        WEIGHTS,
                        "model/b/adapter.bin",
                        ADAPTER,
                        "model/b/metrics.jsonl",
                        METRICS,
                        "model/weights.bin",
                        WEIGHTS));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    @Test
    void aStoredEntryCostsLittleMoreThanItself() throws Exception {
        JsonObject read = read("b/adapter.bin");
        assertThat(read.getBoolean("deflated")).isFalse();
        assertOnlyTheEntryCame(read, ADAPTER);
    }

    @Test
    void aDeflatedEntryCostsLittleMoreThanItsDeflatedSize() throws Exception {
        JsonObject read = read("b/metrics.jsonl");
        assertThat(read.getBoolean("deflated")).isTrue();
        assertThat(read.getInteger("stored_size")).isLessThan(METRICS.length / 2);
        assertOnlyTheEntryCame(read, METRICS);
    }

    private static void assertOnlyTheEntryCame(JsonObject read, byte[] content) throws Exception {
        assertThat(read.getString("sha256"))
                .isEqualTo(HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(content)));
        assertThat(read.getInteger("length")).isGreaterThan(2 * WEIGHTS.length);
        assertThat(read.getInteger("received"))
                .as(read::encode)
                .isBetween(read.getInteger("stored_size"), read.getInteger("stored_size") + OVERHEAD);
    }

    private JsonObject read(String entry) throws Exception {
        Path script =
                Path.of(PythonRangesTest.class.getResource("read_entry.py").toURI());
        return new JsonObject(new ExternalTool("python3")
                .run(
                        directory,
                        "-I",
                        script,
                        server.uri("/api/training/job/download/model"),
                        server.token("alice"),
                        entry)
                .succeeded()
                .output());
    }
}
