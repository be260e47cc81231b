package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static dev.sluice.server.Responses.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The database goes away while a download is under way, and comes back. */
class RecordsWithoutDatabaseTest {
    @Test
    void nothingNewBeginsWhatRunsEndsAndItsOutcomeIsKeptUntilItCanBeWritten() throws Exception {
        try (TestServer server = TestServer.start()) {
            String path = BigFile.of(server, "alice", "job");
            String alice = server.token("alice");
            Metrics metrics = new Metrics(server);
            try (RawConnection running = RawConnection.to(server)) {
                assertThat(running.head("GET", alice, path).receive("HEAD").status())
                        .isEqualTo(200);
                metrics.await("sluice_records_waiting{kind=\"history\"}", 0);
                server.database().allowConnections(false);
                try {
                    assertProblem(server.get(alice, path), 503);
                    running.skip(BigFile.SIZE);
                    metrics.await("sluice_downloads_total{kind=\"file\",outcome=\"completed\"}", 1);
                    metrics.await("sluice_records_waiting{kind=\"audit\"}", 1);
                } finally {
                    server.database().allowConnections(true);
                }
            }
            metrics.await("sluice_records_waiting{kind=\"audit\"}", 0);
            metrics.await("sluice_records_waiting{kind=\"history\"}", 0);
            assertThat(first(server, alice, "/api/audit?action=download", "entries")
                            .getString("event_type"))
                    .isEqualTo("file.download.completed");
            assertThat(first(server, alice, "/api/downloads", "downloads").getLong("bytes"))
                    .isEqualTo(BigFile.SIZE);
            assertThat(metrics.text()).doesNotContain("sluice_records_lost_total{");
        }
    }

    /** The only one. Connections that were thrown out are found out by their next use. */
    private static JsonObject first(TestServer server, String token, String path, String name)
            throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            HttpResponse<byte[]> response = server.get(token, path);
            if (response.statusCode() == 200) {
                assertThat(json(response).getJsonArray(name)).hasSize(1);
                return json(response).getJsonArray(name).getJsonObject(0);
            }
            assertThat(System.nanoTime()).as(path + " answers").isLessThan(deadline);
            Thread.sleep(20);
        }
    }
}
