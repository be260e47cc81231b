package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.ingest.ScriptedUpstream;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Downloads of the catalog under way: what is told of them, and where they end. */
class CatalogProgressTest extends CatalogFixture {
    private static final int EVENTS = 7;

    @Test
    void whatFailsSaysWhyAndIsNotDelivered() {
        for (String id : new String[] {"gone", "wrong", "outside"}) {
            assertThat(download(id).statusCode()).isEqualTo(202);
        }
        assertThat(ended("gone").getString("error")).endsWith("/gone answered 404");
        assertThat(ended("wrong").getString("error")).contains("SHA-256");
        assertThat(ended("outside").getString("error"))
                .isEqualTo("models.example is not among the hosts that files may be fetched from");
        assertThat(server.get(user, "/api/catalog/wrong/file").statusCode()).isEqualTo(404);
        assertThat(audited("wrong")).containsExactlyInAnyOrder("model.download.started", "model.download.failed");
        assertThat(download("gone").statusCode()).as("tried again").isEqualTo(202);
    }

    @Test
    void aDownloadIsJoinedWatchedAndCancelled() throws Exception {
        assertThat(download("slow").statusCode()).isEqualTo(202);
        assertThat(download("slow").statusCode()).isEqualTo(202);
        Models.eventually(
                () -> assertThat(progress("slow").getLong("downloaded_bytes")).isEqualTo(50_000));
        assertThat(progress("slow").getDouble("percentage")).isEqualTo(25.0);
        HttpRequest.Builder events =
                server.request(user, "/api/catalog/slow/progress").header("Accept", "text/event-stream");
        Thread cancelling = new Thread(() -> delete(admin, "/api/catalog/slow/download"));
        cancelling.start();
        HttpResponse<byte[]> stream = server.send(events.GET());
        assertThat(stream.headers().firstValue("Content-Type")).hasValue("text/event-stream");
        String text = new String(stream.body(), StandardCharsets.UTF_8);
        assertThat(text).startsWith("data: {").endsWith("\n\n").contains("\"status\":\"cancelled\"");
        cancelling.join();
        assertThat(upstream.requests().stream()
                        .filter(request -> request.path().equals("/slow"))
                        .count())
                .as("one download, however often it is asked for")
                .isEqualTo(1);
        assertThat(delete(admin, "/api/catalog/slow/download").statusCode()).isEqualTo(409);
        assertThat(audited("slow")).containsExactlyInAnyOrder("model.download.started", "model.download.cancelled");
    }

    @Test
    void whatTheFirstSourceDoesNotHaveComesFromAMirror() {
        download("mirrored");
        assertThat(ended("mirrored").getString("status")).isEqualTo("completed");
        assertThat(upstream.requests())
                .extracting(ScriptedUpstream.Request::path)
                .containsSubsequence("/mirrored", "/mirror");
    }

    @Test
    void theSizeInTheCatalogIsAFigureForPeopleAndTheDigestDecides() {
        assertThat(download("rounded").statusCode()).isEqualTo(202);
        JsonObject end = ended("rounded");
        assertThat(end.getString("status")).isEqualTo("completed");
        assertThat(end.getBoolean("verified")).isTrue();
        assertThat(end.getLong("total_bytes")).isEqualTo(200_000);
    }

    @Test
    void bandwidthIsLimitedOnRequest() {
        long begin = System.nanoTime();
        String limit = "{\"max_bytes_per_second\":100000}";
        assertThat(server.post(admin, "/api/catalog/limited/download", limit).statusCode())
                .isEqualTo(202);
        assertThat(ended("limited").getString("status")).isEqualTo("completed");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(1500));
    }

    /** The row changes all the time; it is nobody's, so that only this test writes it. */
    @Test
    void progressIsToldAtMostFourTimesASecond() throws Exception {
        sql(
                "insert into catalog_downloads (model_id, status, requested_by, request_id, connections, total_bytes, lease_until)"
                        + " values ('watched', 'downloading', 'root', '', 1, 200000, now() + interval '1 h')");
        AtomicBoolean over = new AtomicBoolean();
        Thread writing = new Thread(() -> {
            for (int bytes = 1; !over.get(); bytes++) {
                sql("update catalog_downloads set speed = 7.4, downloaded_bytes = " + bytes
                        + " where model_id = 'watched'");
            }
            sql(
                    "update catalog_downloads set status = 'failed', error = 'enough', finished_at = now() where model_id = 'watched'");
        });
        long begin = System.nanoTime();
        writing.start();
        int told = 0;
        String last = "";
        try (BufferedReader events = new BufferedReader(new InputStreamReader(
                HttpClient.newHttpClient()
                        .send(
                                server.request(user, "/api/catalog/watched/progress")
                                        .header("Accept", "text/event-stream")
                                        .build(),
                                HttpResponse.BodyHandlers.ofInputStream())
                        .body(),
                StandardCharsets.UTF_8))) {
            for (String line = events.readLine(); line != null; line = events.readLine()) {
                if (line.startsWith("data: ")) {
                    last = line.substring(6);
                    if (++told == EVENTS) {
                        // The first is at once; of the others none may come before its quarter of a second.
                        assertThat(Duration.ofNanos(System.nanoTime() - begin).toMillis())
                                .isGreaterThanOrEqualTo((EVENTS - 1) * 240L);
                        over.set(true);
                    }
                }
            }
        } finally {
            over.set(true);
            writing.join();
        }
        assertThat(told).isGreaterThan(EVENTS);
        assertThat(new JsonObject(last).getMap())
                .containsOnlyKeys(
                        "model_id",
                        "downloaded_bytes",
                        "total_bytes",
                        "percentage",
                        "speed",
                        "status",
                        "error",
                        "verified")
                .containsEntry("status", "failed")
                .containsEntry("error", "enough");
    }
}
