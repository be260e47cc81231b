package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static dev.sluice.server.Responses.field;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Limits of 4 downloads an owner and 6 in all, held by clients that do not read. Who waits does so for as long as it takes, but for
 * the one test of how long that is.
 */
class AdmissionOverHttpTest {
    private static TestServer server;
    private static Metrics metrics;
    private static String alices;

    private final List<RawConnection> holders = new ArrayList<>();

    @BeforeAll
    static void start() throws IOException {
        server = limited().start();
        metrics = new Metrics(server);
        alices = BigFile.of(server, "alice", "hers");
    }

    private static TestServer.Builder limited() {
        return TestServer.builder().with("delivery.max-streams", "6").with("delivery.max-streams-per-owner", "4");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void everyPermitComesBack() throws Exception {
        letGo(metrics);
    }

    private void letGo(Metrics of) throws Exception {
        for (RawConnection holder : holders) {
            holder.close();
        }
        of.awaitIdle();
    }

    /** Takes a permit and keeps it. */
    private RawConnection hold(String owner, String path, String... lines) throws IOException {
        return hold(server, owner, path, lines);
    }

    private RawConnection hold(TestServer at, String owner, String path, String... lines) throws IOException {
        RawConnection holder = RawConnection.to(at);
        holders.add(holder);
        RawConnection.Response head =
                holder.head("GET", at.token(owner), path, lines).receive("HEAD");
        assertThat(head.status()).isIn(200, 206);
        return holder;
    }

    @Test
    void moreThanTheLimitsAllowWaitAndAreRefusedByTheirReason() throws Exception {
        try (TestServer impatient = limited().impatientQueue().start()) {
            String hers = BigFile.of(impatient, "alice", "hers");
            String his = BigFile.of(impatient, "bob", "his");
            for (int i = 0; i < 4; i++) {
                hold(impatient, "alice", hers);
            }
            hold(impatient, "bob", his);
            hold(impatient, "bob", his);
            CompletableFuture<HttpResponse<byte[]>> alice =
                    CompletableFuture.supplyAsync(() -> impatient.get(impatient.token("alice"), hers));
            HttpResponse<byte[]> bob = impatient.get(impatient.token("bob"), his);

            assertProblem(alice.join(), 429);
            assertThat(field(alice.join(), "Retry-After")).matches("[1-5]");
            assertThat(field(alice.join(), "RateLimit-Policy")).isEqualTo("\"owner\";q=4;qu=\"concurrent-requests\"");
            assertThat(field(alice.join(), "RateLimit")).startsWith("\"owner\";r=0;t=");
            assertProblem(bob, 503);
            assertThat(field(bob, "Retry-After")).matches("[1-5]");
            assertThat(field(bob, "RateLimit-Policy")).isEqualTo("\"server\";q=6;qu=\"concurrent-requests\"");
            Metrics its = new Metrics(impatient);
            assertThat(its.value("sluice_refusals_total{class=\"stream\",reason=\"owner\"}"))
                    .isEqualTo(1);
            assertThat(its.value("sluice_refusals_total{class=\"stream\",reason=\"server\"}"))
                    .isEqualTo(1);
            assertThat(its.value("sluice_downloads_active")).isEqualTo(6);
            letGo(its);
        }
    }

    @Test
    void whatSendsNoBodyNeedsNoPermit() throws Exception {
        for (int i = 0; i < 4; i++) {
            hold("alice", alices);
        }
        HttpResponse<byte[]> head = server.head(server.token("alice"), alices);
        assertThat(head.statusCode()).isEqualTo(200);
        String tag = field(head, "ETag");
        assertThat(server.get(server.token("alice"), alices, "If-None-Match", tag)
                        .statusCode())
                .isEqualTo(304);
        assertThat(server.get(server.token("alice"), "/api/training/jobs").statusCode())
                .isEqualTo(200);
    }

    @Test
    void whoFindsTheQueueFullIsRefusedBeforeAnythingIsLookedUp() throws Exception {
        for (int i = 0; i < 4; i++) {
            hold("alice", alices);
        }
        for (int i = 0; i < 64; i++) {
            RawConnection waiting = RawConnection.to(server);
            holders.add(waiting);
            waiting.head("GET", server.token("alice"), alices);
        }
        metrics.await("sluice_downloads_queued", 64);
        String missing = alices + ".missing";
        assertProblem(server.get(server.token("alice"), missing), 429);
        assertThat(metrics.value("sluice_downloads_queued")).isEqualTo(64);
        // These need no place: they are looked up.
        assertThat(server.head(server.token("alice"), missing).statusCode()).isEqualTo(404);
        assertThat(server.get(server.token("alice"), missing, "Range", "bytes=0-1")
                        .statusCode())
                .isEqualTo(404);
        assertThat(server.get(server.token("alice"), missing, "If-None-Match", "\"a\"")
                        .statusCode())
                .isEqualTo(404);
        assertThat(server.get(server.token("bob"), missing).statusCode()).isEqualTo(404);
    }

    @Test
    void whoHasToWaitDoesSoBeforeAnythingIsLookedUp() throws Exception {
        for (int i = 0; i < 4; i++) {
            hold("alice", alices);
        }
        RawConnection waiting = RawConnection.to(server);
        holders.add(waiting);
        waiting.head("GET", server.token("alice"), alices + ".missing");
        metrics.await("sluice_downloads_queued", 1);
        holders.get(0).close();
        assertThat(waiting.receive("GET").status()).isEqualTo(404);
        // What it waited for is not lost with it.
        hold("alice", alices);
    }

    @Test
    void aPlaceThatBecomesFreeIsTakenByWhoWaits() throws Exception {
        for (int i = 0; i < 4; i++) {
            hold("alice", alices);
        }
        RawConnection waiting = RawConnection.to(server);
        holders.add(waiting);
        waiting.head("GET", server.token("alice"), alices);
        metrics.await("sluice_downloads_queued", 1);
        holders.get(0).close();
        assertThat(waiting.receive("HEAD").status()).isEqualTo(200);
    }

    @Test
    void whoLeavesTheQueueLeavesNothingBehind() throws Exception {
        for (int i = 0; i < 4; i++) {
            hold("alice", alices);
        }
        RawConnection waiting = RawConnection.to(server);
        waiting.head("GET", server.token("alice"), alices);
        metrics.await("sluice_downloads_queued", 1);
        waiting.close();
        holders.get(0).close();
        metrics.await("sluice_downloads_queued", 0);
        metrics.await("sluice_downloads_active", 3);
    }

    @Test
    void rangesOfOneContentCountOnce() throws Exception {
        for (int i = 0; i < 8; i++) {
            hold("alice", alices, "Range: bytes=" + i + "-");
        }
        assertThat(metrics.value("sluice_downloads_active")).isEqualTo(1);
        assertThat(metrics.value("sluice_transfers_active")).isEqualTo(8);
        for (int i = 0; i < 3; i++) {
            hold("alice", alices);
        }
        assertThat(metrics.value("sluice_downloads_active")).isEqualTo(4);
    }

    @Test
    void permitsComeBackAfterEveryOutcome() throws Exception {
        String alice = server.token("alice");
        String small = alices.replace("big", "small");
        for (int i = 0; i < 6; i++) {
            assertThat(server.get(alice, small).statusCode()).isEqualTo(200);
            assertThat(server.get(alice, small, "Range", "bytes=0-0").statusCode())
                    .isEqualTo(206);
            assertThat(server.get(alice, small, "Range", "bytes=9-").statusCode())
                    .isEqualTo(416);
            assertThat(server.get(alice, small, "If-Match", "\"other\"").statusCode())
                    .isEqualTo(412);
            assertThat(server.get(alice, "/api/training/hers/download/model?include=small.bin")
                            .statusCode())
                    .isEqualTo(200);
            hold("alice", alices).close();
        }
    }
}
