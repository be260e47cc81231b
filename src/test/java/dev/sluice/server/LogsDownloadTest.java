package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static dev.sluice.server.Responses.field;
import static dev.sluice.server.Responses.unzipped;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LogsDownloadTest {
    private static final byte[] LOG = log(20_000);
    private static final byte[] PROGRESS = "{\"step\": 20000}".getBytes(StandardCharsets.UTF_8);

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
        server.completed("alice", "run-1", Map.of("training.log", LOG, "progress.json", PROGRESS, "model/a", LOG));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static byte[] log(int lines) {
        return IntStream.range(0, lines)
                .mapToObj(step -> String.format(
                        Locale.ROOT,
                        "2026-01-01T00:%02d:%02d INFO step %d loss %.6f lr %.8f\n",
                        step / 60 % 60,
                        step % 60,
                        step,
                        4 * Math.exp(-step / 5000.0) + Math.sin(step) / 50,
                        1e-4 * (1 - step / 40000.0)))
                .collect(Collectors.joining())
                .getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void logAndProgressComeInAZipThatIsSeventyPercentSmaller() {
        HttpResponse<byte[]> response = get("run-1");
        assertThat(field(response, "Content-Disposition")).contains("filename=\"logs_run-1.zip\"");
        assertThat(unzipped(response.body()).get("training.log")).isEqualTo(LOG);
        assertThat(unzipped(response.body()).get("progress.json")).isEqualTo(PROGRESS);
        assertThat(unzipped(response.body())).hasSize(2);
        assertThat(response.body()).hasSizeLessThan((int) ((LOG.length + PROGRESS.length) * 0.3));
    }

    @Test
    void aLogThatATrainerWroteDirectlyShrinksAsWell() {
        server.register("alice", "direct");
        server.write("direct", "training.log", LOG);
        HttpResponse<byte[]> response = get("direct");
        assertThat(unzipped(response.body())).containsOnlyKeys("training.log");
        assertThat(response.body()).hasSizeLessThan((int) (LOG.length * 0.3));
    }

    @Test
    void withoutALogThereAreNoLogs() {
        server.register("alice", "quiet");
        server.write("quiet", "progress.json", PROGRESS);
        assertProblem(
                server.get(server.token("alice"), "/api/training/quiet/download/logs"),
                404,
                "Training log not found for job quiet");
    }

    @Test
    void aLogThatGrowsIsTakenAsFarAsItWentAndIsAnotherVersionThen() throws IOException {
        server.register("alice", "growing");
        Path file = server.write("growing", "training.log", LOG);
        HttpResponse<byte[]> before = get("growing");
        Files.write(file, PROGRESS, StandardOpenOption.APPEND);
        HttpResponse<byte[]> after = get("growing");
        assertThat(field(after, "ETag")).isNotEqualTo(field(before, "ETag"));
        byte[] grown = unzipped(after.body()).get("training.log");
        assertThat(grown).hasSize(LOG.length + PROGRESS.length);
        assertThat(Arrays.copyOf(grown, LOG.length)).isEqualTo(LOG);
        assertProblem(
                server.get(
                        server.token("alice"),
                        "/api/training/growing/download/logs?v="
                                + field(before, "ETag").replace("\"", "")),
                412);
        HttpResponse<byte[]> resumed = server.get(
                server.token("alice"),
                "/api/training/growing/download/logs",
                "Range",
                "bytes=100-",
                "If-Range",
                field(before, "ETag"));
        assertThat(resumed.statusCode()).isEqualTo(200);
        assertThat(resumed.body()).isEqualTo(after.body());
    }

    private static HttpResponse<byte[]> get(String job) {
        HttpResponse<byte[]> response =
                server.get(server.token("alice"), "/api/training/" + job + "/download/logs/logs.zip");
        assertThat(response.statusCode()).isEqualTo(200);
        return response;
    }
}
