package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.archive.Segment;
import dev.sluice.database.TestDatabase;
import io.vertx.core.AsyncResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that leave in the middle of a body, by FIN and by RST, leave nothing behind. */
class LeavingClientsTest {
    private static final int POINTS = 100;
    private static final long SEED = 20_260_101;

    private static Origin origin;

    @BeforeAll
    static void start() {
        origin = new Origin();
        Random random = new Random(SEED);
        for (int i = 0; i < 20; i++) {
            origin.write("job", "small-" + i, bytes(random, 100 + i * 5_000));
        }
        origin.write("job", "text.log", "a line of a log\n".repeat(50_000).getBytes(StandardCharsets.UTF_8));
        origin.write("job", "one.bin", bytes(random, 1 << 20));
        origin.write("job", "two.bin", bytes(random, 5 << 20));
    }

    @AfterAll
    static void stop() {
        origin.close();
    }

    @ParameterizedTest(name = "TLS {0}")
    @ValueSource(booleans = {false, true})
    void nothingIsLeftOpenWhereverTheClientLeaves(boolean tls) throws Exception {
        long leasedBefore = Origin.leasedBuffers();
        int ended = 0;
        boolean byReset = false;
        for (long point : points()) {
            Peer peer = Peer.connect(origin.port(tls), tls);
            peer.get("job.zip").head();
            peer.read(point);
            byReset = !byReset;
            if (byReset) {
                peer.reset();
            } else {
                peer.close();
            }
            AsyncResult<Void> outcome = origin.outcome();
            if (outcome.succeeded()) {
                // All of it was in the kernel's hands when the client left.
                ended++;
            } else {
                assertThat(outcome.cause()).isInstanceOf(TransferAborted.class);
                assertThat(((TransferAborted) outcome.cause()).party()).isEqualTo(TransferAborted.Party.CLIENT);
            }
            // Not at once, because a checksum that was begun is completed for the next who asks.
            Origin.awaitThat("no descriptor is open", () -> origin.descriptors().isEmpty());
        }
        assertThat(ended).isLessThan(POINTS);
        origin.nothingIsHeld(leasedBefore);
    }

    /** Random ones and those beside the ends of segments, in no order. */
    private static List<Long> points() {
        List<Long> points = new ArrayList<>();
        Representation zip = TestDatabase.await(origin.plan("job.zip"));
        Iterator<Segment> segments = zip.layout().segments();
        long at = 0;
        while (segments.hasNext()) {
            at += segments.next().length();
            points.add(Math.min(at, zip.layout().length() - 1));
            points.add(at - 1);
        }
        Random random = new Random(SEED);
        while (points.size() < POINTS) {
            points.add((long) (random.nextDouble() * zip.layout().length()));
        }
        Collections.shuffle(points, random);
        return points.subList(0, POINTS);
    }

    private static byte[] bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
