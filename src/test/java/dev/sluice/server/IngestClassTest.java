package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static dev.sluice.server.Responses.field;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Limits of 2 uploads for an owner and 3 in all, held by trainers that do not go on. */
class IngestClassTest {
    private static final String ACTIVE = "sluice_work_active{class=\"ingest\"}";

    private static TestServer server;
    private static Metrics metrics;

    private final List<RawConnection> holders = new ArrayList<>();

    @BeforeAll
    static void start() {
        server = TestServer.builder()
                .with("ingest.max-transfers", "3")
                .with("ingest.max-transfers-per-owner", "2")
                .start();
        metrics = new Metrics(server);
        server.completed("alice", "hers", Map.of("model/a.bin", new byte[9]));
        for (String owner : List.of("alice", "bob", "carol")) {
            server.register(owner, "of-" + owner);
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void everyPermitComesBack() throws Exception {
        for (RawConnection holder : holders) {
            holder.close();
        }
        metrics.await(ACTIVE, 0);
        metrics.awaitIdle();
    }

    private static String path(String owner, String name) {
        return "/api/training/of-" + owner + "/files/" + name;
    }

    /** Begins an upload, as it does once it may. */
    private void hold(String owner) throws IOException {
        RawConnection holder = RawConnection.to(server);
        String path = path(owner, "held" + holders.size());
        holders.add(holder);
        RawConnection.Response goOn = holder.head(
                        "PUT", server.trainer(), path, "Content-Length: 10", "Expect: 100-continue")
                .receive("PUT");
        assertThat(goOn.status()).isEqualTo(100);
        holder.send("12345");
    }

    private static CompletableFuture<HttpResponse<byte[]>> upload(String owner) {
        return CompletableFuture.supplyAsync(() -> server.put(server.trainer(), path(owner, "more"), new byte[] {1}));
    }

    @Test
    void oneOwnersUploadsLeaveRoomForAnothersAndForDownloads() throws Exception {
        hold("alice");
        hold("alice");
        CompletableFuture<HttpResponse<byte[]>> third = upload("alice");
        metrics.await("sluice_work_queued{class=\"ingest\"}", 1);
        assertThat(upload("bob").join().statusCode()).isEqualTo(201);
        assertThat(server.get(server.token("alice"), "/api/training/hers/download/model")
                        .statusCode())
                .isEqualTo(200);

        HttpResponse<byte[]> refused = third.join();
        assertProblem(refused, 429);
        assertThat(field(refused, "Retry-After")).matches("[1-5]");
        assertThat(field(refused, "RateLimit-Policy")).isEqualTo("\"ingest-owner\";q=2;qu=\"concurrent-requests\"");
        assertThat(metrics.value("sluice_refusals_total{class=\"ingest\",reason=\"owner\"}"))
                .isEqualTo(1);
    }

    @Test
    void whenAllAreTakenTheServerIsBusyAndAPlaceThatIsLeftIsTaken() throws Exception {
        hold("alice");
        hold("alice");
        hold("carol");
        assertProblem(upload("carol").join(), 503);
        CompletableFuture<HttpResponse<byte[]>> waiting = upload("carol");
        metrics.await("sluice_work_queued{class=\"ingest\"}", 1);
        holders.get(0).send("67890");
        assertThat(holders.get(0).receive("PUT").status()).isEqualTo(201);
        assertThat(waiting.join().statusCode()).isEqualTo(201);
    }
}
