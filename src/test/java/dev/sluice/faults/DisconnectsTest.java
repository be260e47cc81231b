package dev.sluice.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.TestServer;
import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Clients that leave at any boundary of a request or a response, in both ways, thousands of times. */
@Tag("faults")
@ExtendWith(Leaks.class)
class DisconnectsTest {
    private static final int DISCONNECTS = 10_000;
    private static final int CLIENTS = 8;
    private static final long SEED = 20_260_401;
    private static final int BODY = 3 << 20;
    private static final String ZIP = "/api/training/run-1/download/model";

    /** Where a client may leave. */
    private enum Boundary {
        CONNECTED,
        IN_REQUEST_LINE,
        IN_FIELDS,
        BEFORE_LAST_LINE_END,
        ASKED,
        HEAD_READ,
        FIRST_BYTE_READ,
        SOMEWHERE_IN_BODY,
        WHOLE_READ,
        SECOND_REQUEST_BEGUN,
        UPLOAD_WITHOUT_BODY,
        IN_UPLOAD
    }

    @Test
    void tenThousandDisconnectsLeaveNothingBehind() throws Exception {
        try (TestServer server = TestServer.builder()
                .with("delivery.max-streams", "1000")
                .with("delivery.max-streams-per-owner", "1000")
                .start()) {
            server.completed(
                    "alice",
                    "run-1",
                    Map.of(
                            "model/weights.bin",
                            random(BODY),
                            "model/config.json",
                            "{\"layers\": 12}\n".repeat(5_000).getBytes(StandardCharsets.UTF_8)));
            server.register("alice", "run-2");
            leave(server, 0, 200);
            settle(server);
            long descriptors = descriptors();
            long buffers = buffers();

            ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
            try {
                List<Future<?>> running = new ArrayList<>();
                for (int client = 0; client < CLIENTS; client++) {
                    int number = client + 1;
                    running.add(clients.submit(() -> {
                        leave(server, number, DISCONNECTS / CLIENTS);
                        return null;
                    }));
                }
                for (Future<?> client : running) {
                    client.get();
                }
            } finally {
                clients.shutdownNow();
            }

            settle(server);
            // A connection or two of this test's own client and of the pool may have come and gone.
            Awaiting.until("descriptors are back", () -> descriptors() <= descriptors + 8);
            Awaiting.until("buffers are back", () -> buffers() <= buffers + 64);
            assertThat(server.get(server.token("alice"), ZIP).statusCode()).isEqualTo(200);
        }
    }

    private static void leave(TestServer server, int client, int times) throws IOException {
        Random random = new Random(SEED + client);
        String reader = server.token("alice");
        String trainer = server.trainer();
        int port = server.uri("/").getPort();
        for (int i = 0; i < times; i++) {
            Boundary[] all = Boundary.values();
            try (Wire wire = new Wire(port)) {
                try {
                    goTo(all[random.nextInt(all.length)], wire, random, reader, trainer);
                } catch (IOException refused) {
                    // Whoever has left half of a request before may be told so; that is an end like any other.
                }
                if (random.nextBoolean()) {
                    wire.reset();
                }
            }
        }
    }

    private static void goTo(Boundary boundary, Wire wire, Random random, String reader, String trainer)
            throws IOException {
        String get = Wire.head("GET", ZIP, reader);
        switch (boundary) {
            case CONNECTED -> {}
            case IN_REQUEST_LINE -> wire.send(get.substring(0, 1 + random.nextInt(get.indexOf('\r'))));
            case IN_FIELDS -> wire.send(get.substring(0, get.indexOf('\r') + random.nextInt(100)));
            case BEFORE_LAST_LINE_END -> wire.send(get.substring(0, get.length() - 1));
            case ASKED -> wire.send(get);
            case HEAD_READ -> wire.send(get).readHead();
            case FIRST_BYTE_READ -> {
                wire.send(get).readHead();
                wire.read(1);
            }
            case SOMEWHERE_IN_BODY -> {
                wire.send(get).readHead();
                wire.read(random.nextInt(BODY));
            }
            case WHOLE_READ -> {
                int length = 1 + random.nextInt(200_000);
                wire.send(Wire.head("GET", ZIP, reader, "Range: bytes=0-" + (length - 1)))
                        .readHead();
                wire.read(length);
            }
            case SECOND_REQUEST_BEGUN -> wire.send(get + get.substring(0, 30));
            case UPLOAD_WITHOUT_BODY ->
                wire.send(Wire.head("PUT", "/api/training/run-2/files/model/x", trainer, "Content-Length: 100000"));
            case IN_UPLOAD -> {
                wire.send(Wire.head("PUT", "/api/training/run-2/files/model/x", trainer, "Content-Length: 100000"));
                wire.send("x".repeat(random.nextInt(99_999)));
            }
        }
    }

    private static void settle(TestServer server) {
        Awaiting.until("nothing is under way", () -> {
            String meters = new String(
                    server.send(HttpRequest.newBuilder(server.managementUri("/metrics")))
                            .body(),
                    StandardCharsets.UTF_8);
            return Stream.of("sluice_transfers_active", "sluice_downloads_active", "sluice_downloads_queued")
                    .allMatch(meter -> meters.contains(meter + " 0.0"));
        });
        Awaiting.until("nothing is staged", () -> {
            try (Stream<Path> staged = Files.list(server.workspace().resolve(".staging"))) {
                return staged.findAny().isEmpty();
            }
        });
    }

    private static long descriptors() throws IOException {
        System.gc();
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    /** Of 28 KiB or more: handed out, or in the cache of a thread, which keeps a few of the smallest. */
    private static long buffers() {
        return PooledByteBufAllocator.DEFAULT.metric().directArenas().stream()
                .mapToLong(PoolArenaMetric::numActiveNormalAllocations)
                .sum();
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(SEED).nextBytes(bytes);
        return bytes;
    }
}
