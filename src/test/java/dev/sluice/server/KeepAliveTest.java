package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** One connection outlives every outcome, in whatever order. */
class KeepAliveTest {
    private static final byte[] WEIGHTS = new byte[200_000];
    private static final String FILE = "/api/training/job/files/model/w.bin";
    private static final String ZIP = "/api/training/job/download/model";

    private static TestServer server;

    @BeforeAll
    static void start() {
        new Random(5).nextBytes(WEIGHTS);
        server = TestServer.start();
        server.completed("alice", "job", Map.of("model/w.bin", WEIGHTS));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aConnectionServesOnAfterEveryOutcome() throws IOException {
        String alice = server.token("alice");
        try (RawConnection connection = RawConnection.to(server)) {
            for (String path : new String[] {FILE, ZIP}) {
                RawConnection.Response whole = connection.exchange("GET", alice, path);
                String tag = whole.fields().get("etag");
                expect(200, whole);
                expect(206, connection.exchange("GET", alice, path, "Range: bytes=5-99999"));
                expect(304, connection.exchange("GET", alice, path, "If-None-Match: " + tag));
                expect(412, connection.exchange("GET", alice, path, "If-Match: \"other\""));
                expect(416, connection.exchange("GET", alice, path, "Range: bytes=9999999-"));
                expect(404, connection.exchange("GET", alice, path.replace("job", "none")));
                expect(200, connection.exchange("HEAD", alice, path));
                expect(404, connection.exchange("HEAD", alice, path.replace("job", "none")));
                expect(304, connection.exchange("HEAD", alice, path, "If-None-Match: *"));
                expect(412, connection.exchange("HEAD", alice, path, "If-Match: \"other\""));
                expect(401, connection.exchange("GET", "garbage", path));
                expect(405, connection.exchange("DELETE", alice, path));
                expect(400, connection.exchange("GET", alice, ZIP + "?checkpoint=.."));
                expect(403, connection.exchange("PATCH", alice, "/api/training/jobs/job", "Content-Length: 0"));
                assertThat(connection.exchange("GET", alice, path).body()).isEqualTo(whole.body());
            }
            assertThat(connection.exchange("GET", alice, FILE).body()).isEqualTo(WEIGHTS);
        }
    }

    @Test
    void requestsThatComeAtOnceAreAnsweredInOrder() throws IOException {
        String alice = server.token("alice");
        try (RawConnection connection = RawConnection.to(server)) {
            connection
                    .head("GET", alice, FILE, "Range: bytes=0-9")
                    .head("HEAD", alice, ZIP)
                    .head("GET", alice, "/api/none")
                    .head("GET", alice, FILE);
            assertThat(connection.receive("GET").body()).hasSize(10);
            expect(200, connection.receive("HEAD"));
            expect(404, connection.receive("GET"));
            assertThat(connection.receive("GET").body()).isEqualTo(WEIGHTS);
        }
    }

    @Test
    void aSmallBodyThatIsRefusedDoesNotCostTheConnection() throws IOException {
        try (RawConnection connection = RawConnection.to(server)) {
            String trainer = server.trainer();
            String json = "Content-Type: application/json";
            connection
                    .head("POST", trainer, "/api/training/jobs", json, "Content-Length: 4")
                    .send("[1,]");
            expect(400, connection.receive("POST"));
            connection
                    .head("POST", "garbage", "/api/training/jobs", json, "Content-Length: 4")
                    .send("[1,]");
            expect(401, connection.receive("POST"));
            connection
                    .head("POST", trainer, "/api/training/jobs", "Content-Length: 4")
                    .send("[1,]");
            expect(415, connection.receive("POST"));
            expect(200, connection.exchange("GET", server.token("alice"), FILE));
        }
    }

    private static void expect(int status, RawConnection.Response response) {
        assertThat(response.status()).as(response.fields().toString()).isEqualTo(status);
        assertThat(response.fields()).doesNotContainEntry("connection", "close");
    }
}
