package dev.sluice.delivery;

import static dev.sluice.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.metrics.Meters;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TransferSupervisorTest {
    private static final TransferLimits.Limit MANY = new TransferLimits.Limit(10, 10);

    private final Vertx vertx = Vertx.vertx();
    private final Meters meters = new Meters();
    private final Supervision supervision =
            new Supervision(new TransferLimits(MANY, MANY, MANY, Duration.ofMinutes(1)), meters, System::nanoTime);
    private final TransferSupervisor supervisor = new TransferSupervisor(supervision, Map.of());

    @BeforeEach
    void deploy() {
        await(vertx.deployVerticle(supervisor));
    }

    @AfterEach
    void close() {
        await(vertx.close());
        meters.close();
    }

    /** Its intent is being written, perhaps: it is not sent yet, and will be. */
    @Test
    void drainingWaitsForWhatWasAdmittedAndHasNotBegun() {
        Permit admitted = await(supervision.admission(CostClass.STREAM).admit("alice", null));
        Future<Void> drained = supervisor.drain(Duration.ofMinutes(1));
        // Several of its looks.
        await(vertx.timer(500));
        assertThat(drained.isComplete()).isFalse();

        admitted.release();
        await(drained);
    }

    @Test
    void drainingEndsAtOnceWhereNothingIsUnderWay() {
        await(supervisor.drain(Duration.ofMinutes(1)));
        assertThat(supervision.transfers().draining()).isTrue();
    }
}
