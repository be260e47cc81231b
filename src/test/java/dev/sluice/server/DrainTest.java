package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static dev.sluice.server.Responses.field;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.database.TestDatabase;
import io.vertx.core.Future;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Draining cannot be taken back, so each test has a server of its own. */
class DrainTest {
    @Test
    void whatRunsMayFinishWhileNothingNewStarts() throws Exception {
        try (TestServer server = TestServer.start()) {
            String path = BigFile.of(server, "alice", "job");
            String alice = server.token("alice");
            assertThat(ready(server)).isEqualTo(200);
            try (RawConnection running = RawConnection.to(server)) {
                running.head("GET", alice, path);
                assertThat(running.receive("HEAD").status()).isEqualTo(200);
                Future<Void> drained = server.drain(Duration.ofMinutes(1));

                assertThat(ready(server)).isEqualTo(503);
                try (RawConnection late = RawConnection.to(server)) {
                    RawConnection.Response refused = late.exchange("GET", alice, path);
                    assertThat(refused.status()).isEqualTo(503);
                    assertThat(refused.fields()).containsEntry("connection", "close");
                    assertThat(refused.fields().get("retry-after")).matches("[1-5]");
                    assertThat(late.isClosedByServer()).isTrue();
                }
                HttpResponse<byte[]> upload =
                        server.put(server.trainer(), "/api/training/job/files/model/late.bin", new byte[9]);
                assertProblem(upload, 503);
                assertThat(field(upload, "Retry-After")).isEqualTo("1");
                assertThat(drained.isComplete()).isFalse();

                running.skip(BigFile.SIZE);
                TestDatabase.await(drained);
            }
            new Metrics(server).await("sluice_downloads_total{kind=\"file\",outcome=\"completed\"}", 1);
        }
    }

    @Test
    void whatOutlivesTheTimeoutIsResetSoThatItResumesElsewhere() throws Exception {
        try (TestServer server = TestServer.start()) {
            String path = BigFile.of(server, "alice", "job");
            try (RawConnection stuck = RawConnection.to(server);
                    RawConnection upload = RawConnection.to(server)) {
                stuck.head("GET", server.token("alice"), path);
                assertThat(stuck.receive("HEAD").status()).isEqualTo(200);
                upload.head("PUT", server.trainer(), "/api/training/job/files/new.bin", "Content-Length: 99");
                Metrics metrics = new Metrics(server);
                metrics.await("sluice_transfers_active", 2);

                TestDatabase.await(server.drain(Duration.ZERO));

                metrics.await("sluice_downloads_total{kind=\"file\",outcome=\"drained\"}", 1);
                metrics.await("sluice_uploads_total{outcome=\"drained\"}", 1);
                assertThatThrownBy(() -> stuck.skip(BigFile.SIZE)).isInstanceOf(IOException.class);
                assertThat(upload.receive("PUT").status()).isEqualTo(503);
                metrics.awaitIdle();
            }
        }
    }

    /** Asked again while it is a 500: then the database has not answered within the two seconds that the look takes. */
    private static int ready(TestServer server) {
        int[] status = new int[1];
        Models.eventually(() -> {
            status[0] = server.send(HttpRequest.newBuilder(server.managementUri("/health/ready")))
                    .statusCode();
            assertThat(status[0]).isNotEqualTo(500);
        });
        return status[0];
    }
}
