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

/**
 * Limits of 2 uploads for an owner and 3 in all, held by trainers that do not go on: on a server that refuses who waits too long, and on
 * one where they wait for as long as it takes.
 */
class IngestClassTest {
    private static final String ACTIVE = "sluice_work_active{class=\"ingest\"}";
    private static final String QUEUED = "sluice_work_queued{class=\"ingest\"}";

    private static TestServer impatient;
    private static TestServer patient;

    /** So that no upload replaces what another test has uploaded. */
    private static int held;

    private final List<RawConnection> holders = new ArrayList<>();

    @BeforeAll
    static void start() {
        impatient = limited().impatientQueue().start();
        patient = limited().start();
        patient.completed("alice", "hers", Map.of("model/a.bin", new byte[9]));
        for (String owner : List.of("alice", "bob", "carol")) {
            impatient.register(owner, "of-" + owner);
            patient.register(owner, "of-" + owner);
        }
    }

    private static TestServer.Builder limited() {
        return TestServer.builder().with("ingest.max-transfers", "3").with("ingest.max-transfers-per-owner", "2");
    }

    @AfterAll
    static void stop() {
        impatient.close();
        patient.close();
    }

    @AfterEach
    void everyPermitComesBack() throws Exception {
        for (RawConnection holder : holders) {
            holder.close();
        }
        for (TestServer server : List.of(impatient, patient)) {
            new Metrics(server).await(ACTIVE, 0);
            new Metrics(server).awaitIdle();
        }
    }

    private static String path(String owner, String name) {
        return "/api/training/of-" + owner + "/files/" + name;
    }

    /** Begins an upload, as it does once it may. */
    private void hold(TestServer server, String owner) throws IOException {
        RawConnection holder = RawConnection.to(server);
        String path = path(owner, "held" + ++held);
        holders.add(holder);
        RawConnection.Response goOn = holder.head(
                        "PUT", server.trainer(), path, "Content-Length: 10", "Expect: 100-continue")
                .receive("PUT");
        assertThat(goOn.status()).isEqualTo(100);
        holder.send("12345");
    }

    private static CompletableFuture<HttpResponse<byte[]>> upload(TestServer server, String owner) {
        return CompletableFuture.supplyAsync(() -> server.put(server.trainer(), path(owner, "more"), new byte[] {1}));
    }

    @Test
    void oneOwnersUploadsLeaveRoomForAnothersAndForDownloads() throws Exception {
        hold(patient, "alice");
        hold(patient, "alice");
        CompletableFuture<HttpResponse<byte[]>> third = upload(patient, "alice");
        new Metrics(patient).await(QUEUED, 1);
        assertThat(upload(patient, "bob").join().statusCode()).isEqualTo(201);
        assertThat(patient.get(patient.token("alice"), "/api/training/hers/download/model")
                        .statusCode())
                .isEqualTo(200);
        assertThat(third).isNotDone();
        holders.get(0).send("67890");
        assertThat(holders.get(0).receive("PUT").status()).isEqualTo(201);
        assertThat(third.join().statusCode()).isEqualTo(201);
    }

    @Test
    void whoWaitsTooLongIsRefusedForItsOwnUploads() throws Exception {
        hold(impatient, "alice");
        hold(impatient, "alice");
        HttpResponse<byte[]> refused = upload(impatient, "alice").join();
        assertProblem(refused, 429);
        assertThat(field(refused, "Retry-After")).matches("[1-5]");
        assertThat(field(refused, "RateLimit-Policy")).isEqualTo("\"ingest-owner\";q=2;qu=\"concurrent-requests\"");
        assertThat(new Metrics(impatient).value("sluice_refusals_total{class=\"ingest\",reason=\"owner\"}"))
                .isEqualTo(1);
    }

    @Test
    void whenAllAreTakenTheServerIsBusy() throws Exception {
        hold(impatient, "alice");
        hold(impatient, "alice");
        hold(impatient, "carol");
        assertProblem(upload(impatient, "carol").join(), 503);
    }

    @Test
    void aPlaceThatIsLeftIsTaken() throws Exception {
        hold(patient, "alice");
        hold(patient, "alice");
        hold(patient, "carol");
        CompletableFuture<HttpResponse<byte[]>> waiting = upload(patient, "carol");
        new Metrics(patient).await(QUEUED, 1);
        holders.get(0).send("67890");
        assertThat(holders.get(0).receive("PUT").status()).isEqualTo(201);
        assertThat(waiting.join().statusCode()).isEqualTo(201);
    }
}
