package dev.sluice.server;

import static dev.sluice.server.Responses.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The server's clock is set forth or back by a day: what expires follows it, what lasts does not. */
class ClockJumpTest {
    private static final Duration DAY = Duration.ofDays(1);

    private static final JumpingClock clock = new JumpingClock();
    private static TestServer server;
    private static Models models;

    @BeforeAll
    static void start() {
        // Shorter than the jump, and longer than the test.
        server = TestServer.builder()
                .clock(clock)
                .with("delivery.stall-timeout", "60s")
                .start();
        models = new Models(server);
    }

    @AfterEach
    void setRight() {
        clock.setAhead(Duration.ZERO);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aDownloadUnderWayGoesOn() throws Exception {
        String path = BigFile.of(server, "ann", "of-ann");
        try (RawConnection download = RawConnection.to(server)) {
            download.head("GET", server.token("ann"), path, "Connection: close");
            assertThat(download.receive("HEAD").status()).isEqualTo(200);
            long third = BigFile.SIZE / 3;
            download.skip(third);
            clock.setAhead(DAY);
            download.skip(third);
            clock.setAhead(DAY.negated());
            download.skip(BigFile.SIZE - 2 * third);
            assertThat(download.isClosedByServer()).isTrue();
        }
        Models.eventually(() -> assertThat(json(server.get(server.token("ann"), "/api/downloads"))
                        .getJsonArray("downloads")
                        .getJsonObject(0)
                        .getString("outcome"))
                .isEqualTo("completed"));
    }

    @Test
    void tokensExpireByItAndAreGoodAgainWhenItIsSetRight() {
        String token = server.token("bob");
        assertThat(server.get(token, "/api/training/jobs").statusCode()).isEqualTo(200);
        clock.setAhead(DAY);
        assertThat(server.get(token, "/api/training/jobs").statusCode()).isEqualTo(401);
        clock.setAhead(Duration.ZERO);
        assertThat(server.get(token, "/api/training/jobs").statusCode()).isEqualTo(200);
    }

    @Test
    void linksExpireByItAndAreGoodAgainWhenItIsSetRight() {
        String id = models.ofFiles("cid", "linked", Map.of("model/a.bin", new byte[] {1}))
                .getString("id");
        String link = json(server.post(server.token("cid"), "/api/models/" + id + "/download", "{}"))
                .getJsonObject("data")
                .getJsonObject("archive")
                .getString("url");
        clock.setAhead(Duration.ofDays(400));
        assertThat(plain(link)).isEqualTo(404);
        clock.setAhead(Duration.ZERO);
        assertThat(plain(link)).isEqualTo(200);
    }

    private static int plain(String link) {
        return server.send(
                        java.net.http.HttpRequest.newBuilder(server.uri(link)).GET())
                .statusCode();
    }

    /** Its times lie a day ahead then: nothing waits for the clock to come there. */
    @Test
    void whatWasWrittenBeforeItWasSetBackIsPublished() {
        server.register("dan", "early");
        models.run("early");
        server.write("early", "model/a.txt", "a".getBytes(StandardCharsets.UTF_8));
        clock.setAhead(DAY.negated());
        models.complete("early");
        assertThat(models.published("dan", "early").getLong("size")).isEqualTo(1);
    }
}
