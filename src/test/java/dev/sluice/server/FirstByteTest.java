package dev.sluice.server;

import static dev.sluice.server.Responses.unzipped;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a first byte does not wait for. */
class FirstByteTest {
    private static final byte[] NOTES = "what was tried\n".repeat(100).getBytes(StandardCharsets.UTF_8);
    private static final byte[] VOCABULARY =
            "a word and another\n".repeat(20_000).getBytes(StandardCharsets.UTF_8);
    /** Sparse: it takes no space, and a checksum of it takes minutes. */
    private static final long TERABYTE = 1L << 40;

    private final List<InputStream> waiting = new ArrayList<>();
    private TestServer server;
    private Metrics metrics;

    @BeforeEach
    void start() {
        server = TestServer.start();
        metrics = new Metrics(server);
    }

    @AfterEach
    void stop() throws IOException {
        for (InputStream body : waiting) {
            body.close();
        }
        server.close();
    }

    @Test
    void aModelOfWhichNothingIsKnownDoesNotWaitForTheChecksumsOfOthers() throws Exception {
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
            waitForAChecksum("long-" + i);
        }
        double reached = awaitThatNoneIsFreeForChecksums();
        server.register("alice", "run-1");
        server.write("run-1", "model/notes.txt", NOTES);
        server.write("run-1", "model/vocabulary.txt", VOCABULARY);
        HttpResponse<byte[]> response = server.get(server.token("alice"), "/api/training/run-1/download/model");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).hasSizeLessThan(VOCABULARY.length);
        assertThat(unzipped(response.body()))
                .containsEntry("notes.txt", NOTES)
                .containsEntry("vocabulary.txt", VOCABULARY);
        assertThat(probes("index")).isEqualTo(reached);
    }

    private void waitForAChecksum(String job) throws IOException, InterruptedException {
        server.register("alice", job);
        try (RandomAccessFile sparse = new RandomAccessFile(
                server.write(job, "model/model.safetensors", new byte[0]).toFile(), "rw")) {
            sparse.setLength(TERABYTE);
        }
        HttpResponse<InputStream> begun = HttpClient.newHttpClient()
                .send(
                        server.request(server.token("alice"), "/api/training/" + job + "/download/model")
                                .build(),
                        HttpResponse.BodyHandlers.ofInputStream());
        assertThat(begun.statusCode()).isEqualTo(200);
        waiting.add(begun.body());
    }

    /** When a probe of that pool is no longer reached while others are. Returns how many were. */
    private double awaitThatNoneIsFreeForChecksums() throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (true) {
            double reached = probes("index");
            double others = probes("files");
            while (probes("files") < others + 3) {
                assertThat(System.nanoTime())
                        .as("all who compute checksums are occupied")
                        .isLessThan(deadline);
                Thread.sleep(20);
            }
            if (probes("index") == reached) {
                return reached;
            }
        }
    }

    private double probes(String pool) {
        return metrics.value("sluice_worker_pool_lag_seconds_count{pool=\"" + pool + "\"}");
    }
}
