package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static dev.sluice.server.Responses.field;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What all downloads of live jobs have in common, held against each of them. */
class DownloadHeadersTest {
    private static final String LONG_AGO = "Thu, 01 Jan 1970 00:00:00 GMT";
    private static final String LATER = "Fri, 01 Jan 2100 00:00:00 GMT";

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
        byte[] text = "a line of text\n".repeat(2000).getBytes(StandardCharsets.UTF_8);
        server.completed(
                "alice",
                "job",
                Map.of(
                        "model/config.json", text,
                        "model/step-1/w.bin", new byte[70_000],
                        "training.log", text,
                        "models/best_model.pkl", text,
                        "models/leaderboard.csv", text));
        // Lists tell that too: nothing of the job changes from here on.
        Models.eventually(() -> {
            for (String path : new String[] {"/api/training/jobs", "/api/training/jobs/job"}) {
                assertThat(new String(get(path).body(), StandardCharsets.UTF_8))
                        .contains("\"publication\":\"published\"");
            }
        });
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/training/job/download/model",
                "/api/training/job/download/model?format=tar",
                "/api/training/job/download/model?checkpoint=step-1",
                "/api/training/job/download/logs",
                "/api/training/job/files/training.log",
                "/ml/download-model/job/best_model",
                "/ml/download-leaderboard/job",
                "/ml/download-all-models/job"
            })
    void everyDownloadBehavesAlike(String path) {
        HttpResponse<byte[]> whole = get(path, "Accept-Encoding", "gzip, br");
        assertWhole(whole);
        assertHead(path, whole);
        assertConditions(path, whole);
        assertRanges(path, whole);
        assertPinned(path, whole);
    }

    private static void assertWhole(HttpResponse<byte[]> whole) {
        assertThat(whole.statusCode()).isEqualTo(200);
        assertThat(field(whole, "Content-Length")).isEqualTo(String.valueOf(whole.body().length));
        assertThat(field(whole, "ETag")).matches("\"[A-Za-z0-9_-]{22}\"");
        assertThat(field(whole, "Last-Modified")).matches("[A-Z][a-z]{2}, \\d\\d [A-Z][a-z]{2} \\d{4} .* GMT");
        assertThat(field(whole, "Accept-Ranges")).isEqualTo("bytes");
        assertThat(field(whole, "Cache-Control")).isEqualTo("private, no-cache");
        assertThat(field(whole, "X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(field(whole, "X-Accel-Buffering")).isEqualTo("no");
        assertThat(field(whole, "X-Request-Id")).matches("[0-9a-f]{32}");
        assertThat(whole.headers().map()).doesNotContainKeys("content-encoding", "transfer-encoding", "content-range");
    }

    private static void assertHead(String path, HttpResponse<byte[]> whole) {
        HttpResponse<byte[]> head = server.head(server.token("alice"), path);
        Map<String, Object> expected = new TreeMap<>(whole.headers().map());
        Map<String, Object> fields = new TreeMap<>(head.headers().map());
        for (String own : new String[] {"x-request-id", "date"}) {
            expected.put(own, fields.get(own));
        }
        assertThat(fields).isEqualTo(expected);
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
    }

    private static void assertConditions(String path, HttpResponse<byte[]> whole) {
        String tag = field(whole, "ETag");
        for (String tags : new String[] {tag, "\"other\", " + tag, "W/" + tag, "*"}) {
            HttpResponse<byte[]> unchanged = get(path, "If-None-Match", tags);
            assertThat(unchanged.statusCode()).isEqualTo(304);
            assertThat(unchanged.body()).isEmpty();
            for (String kept : new String[] {"ETag", "Last-Modified", "Cache-Control"}) {
                assertThat(field(unchanged, kept)).isEqualTo(field(whole, kept));
            }
        }
        assertThat(get(path, "If-None-Match", "\"other\"").statusCode()).isEqualTo(200);
        assertThat(get(path, "If-Modified-Since", field(whole, "Last-Modified")).statusCode())
                .isEqualTo(304);
        assertThat(get(path, "If-Modified-Since", LONG_AGO).statusCode()).isEqualTo(200);
        assertThat(get(path, "If-None-Match", "\"other\"", "If-Modified-Since", LATER)
                        .statusCode())
                .as("If-None-Match decides alone")
                .isEqualTo(200);
        assertThat(get(path, "If-Match", tag).statusCode()).isEqualTo(200);
        assertProblem(get(path, "If-Match", "\"other\""), 412);
        assertProblem(get(path, "If-Match", "W/" + tag), 412);
        assertProblem(get(path, "If-Unmodified-Since", LONG_AGO), 412);
        assertThat(get(path, "If-Unmodified-Since", LATER).statusCode()).isEqualTo(200);
        assertProblem(get(path, "If-Match", "\"other\"", "If-None-Match", tag), 412);
    }

    private static void assertRanges(String path, HttpResponse<byte[]> whole) {
        byte[] all = whole.body();
        assertPart(get(path, "Range", "bytes=0-9"), whole, 0, 10);
        assertPart(get(path, "Range", "bytes=10-"), whole, 10, all.length);
        assertPart(get(path, "Range", "bytes=-7"), whole, all.length - 7, all.length);
        assertPart(get(path, "Range", "bytes=-999999999"), whole, 0, all.length);
        assertPart(
                get(path, "Range", "bytes=" + (all.length / 2) + "-999999999999"), whole, all.length / 2, all.length);
        assertPart(get(path, "Range", "bytes=5-8", "If-Range", field(whole, "ETag")), whole, 5, 9);
        assertPart(get(path, "Range", "bytes=5-8", "If-Range", field(whole, "Last-Modified")), whole, 5, 9);
        for (String beyond : new String[] {"bytes=" + all.length + "-", "bytes=-0", "bytes=99999999999-"}) {
            HttpResponse<byte[]> refused = get(path, "Range", beyond);
            assertProblem(refused, 416);
            assertThat(field(refused, "Content-Range")).isEqualTo("bytes */" + all.length);
        }
        for (String ignored :
                new String[] {"bytes=0-1,4-5", "bytes=9-5", "lines=0-1", "bytes", "bytes=a-b", "bytes=-"}) {
            HttpResponse<byte[]> response = get(path, "Range", ignored);
            assertThat(response.statusCode()).as(ignored).isEqualTo(200);
            assertThat(response.body()).isEqualTo(all);
        }
        assertThat(get(path, "Range", "bytes=5-8", "If-Range", "\"other\"").statusCode())
                .isEqualTo(200);
        assertProblem(get(path, "Range", "bytes=5-8", "If-Match", "\"other\""), 412);
    }

    private static void assertPart(HttpResponse<byte[]> part, HttpResponse<byte[]> whole, int from, int to) {
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(whole.body(), from, to));
        assertThat(field(part, "Content-Range"))
                .isEqualTo("bytes " + from + "-" + (to - 1) + "/" + whole.body().length);
        assertThat(field(part, "Content-Length")).isEqualTo(String.valueOf(to - from));
        for (String same : new String[] {"ETag", "Last-Modified", "Content-Type", "Content-Disposition"}) {
            assertThat(field(part, same)).isEqualTo(field(whole, same));
        }
    }

    private static void assertPinned(String path, HttpResponse<byte[]> whole) {
        String join = path.contains("?") ? "&" : "?";
        String tag = field(whole, "ETag").replace("\"", "");
        assertThat(get(path + join + "v=" + tag).body()).isEqualTo(whole.body());
        assertThat(get(path + join + "v=%22" + tag + "%22").statusCode()).isEqualTo(200);
        assertPart(get(path + join + "v=" + tag, "Range", "bytes=3-4"), whole, 3, 5);
        assertProblem(get(path + join + "v=other"), 412);
        assertProblem(get(path + join + "v="), 412);
        assertProblem(get(path + join + "v=" + tag + "x"), 412);
    }

    @Test
    void whileAJobRunsARangeHasToSayWhichVersionItContinues() {
        server.register("alice", "moving");
        server.write("moving", "model/w.bin", new byte[5000]);
        server.write("moving", "training.log", new byte[5000]);
        for (String path : new String[] {
            "/api/training/moving/download/model",
            "/api/training/moving/download/logs",
            "/api/training/moving/files/model/w.bin"
        }) {
            HttpResponse<byte[]> whole = get(path);
            HttpResponse<byte[]> unpinned = get(path, "Range", "bytes=10-19");
            assertThat(unpinned.statusCode()).isEqualTo(200);
            assertThat(unpinned.body()).isEqualTo(whole.body());
            assertThat(get(path, "Range", "bytes=10-19", "If-Range", field(whole, "Last-Modified"))
                            .statusCode())
                    .isEqualTo(200);
            assertPart(get(path, "Range", "bytes=10-19", "If-Range", field(whole, "ETag")), whole, 10, 20);
            assertPart(get(path, "Range", "bytes=10-19", "If-Match", field(whole, "ETag")), whole, 10, 20);
            String pinned = path + "?v=" + field(whole, "ETag").replace("\"", "");
            assertPart(get(pinned, "Range", "bytes=10-19"), whole, 10, 20);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/training/none/download/model",
                "/api/training/job/download/model?checkpoint=none",
                "/api/training/job/files/none",
                "/ml/download-model/job/none",
                "/api/none",
                "/api/training/jobs",
                "/api/training/jobs/job",
                "/api/training/job/files",
                "/api/training/job/checkpoints"
            })
    void aHeadHasTheHeadersOfTheGetForProblemsAndListsToo(String path) {
        Map<String, Object> get = new TreeMap<>(get(path).headers().map());
        HttpResponse<byte[]> response = server.head(server.token("alice"), path);
        Map<String, Object> head = new TreeMap<>(response.headers().map());
        get.put("x-request-id", head.get("x-request-id"));
        get.computeIfPresent("date", (name, date) -> head.get(name));
        assertThat(head).isEqualTo(get);
        assertThat(response.statusCode()).isEqualTo(get(path).statusCode());
    }

    private static HttpResponse<byte[]> get(String path, String... headers) {
        return server.get(server.token("alice"), path, headers);
    }
}
