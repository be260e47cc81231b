package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.database.TestDatabase;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TransfersTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final Vertx vertx = Vertx.vertx();
    private final Context loop = vertx.getOrCreateContext();
    private final AtomicLong now = new AtomicLong();
    private final Transfers transfers = new Transfers(now::get);

    @AfterEach
    void close() {
        TestDatabase.await(vertx.close());
    }

    /** A transfer that gets on only when it is told to. */
    private static final class Scripted implements Transfer {
        private final List<Ending> endings = new ArrayList<>();
        private long progress;

        @Override
        public long progress() {
            return progress;
        }

        @Override
        public void end(Ending ending) {
            endings.add(ending);
        }
    }

    private <T> T onLoop(Supplier<T> call) {
        Promise<T> done = Promise.promise();
        loop.runOnContext(turn -> done.complete(call.get()));
        return TestDatabase.await(done.future());
    }

    private void checkAfter(Duration time) {
        now.addAndGet(time.toNanos());
        transfers.check(MINUTE, lag -> {});
        onLoop(() -> true);
    }

    @Test
    void whatMakesNoProgressForTheTimeoutIsEndedAndToldAgain() {
        Scripted stalled = new Scripted();
        onLoop(() -> transfers.watch(stalled));
        checkAfter(Duration.ofSeconds(59));
        assertThat(stalled.endings).isEmpty();
        checkAfter(Duration.ofSeconds(1));
        assertThat(stalled.endings).containsExactly(Ending.STALLED);
        checkAfter(Duration.ofSeconds(59));
        assertThat(stalled.endings).hasSize(1);
        checkAfter(Duration.ofSeconds(1));
        assertThat(stalled.endings).hasSize(2);
    }

    @Test
    void whatGetsOnIsNeverEndedHoweverLongItTakes() {
        Scripted slow = new Scripted();
        onLoop(() -> transfers.watch(slow));
        for (int i = 0; i < 100; i++) {
            checkAfter(Duration.ofSeconds(59));
            slow.progress++;
            checkAfter(Duration.ofSeconds(59));
        }
        assertThat(slow.endings).isEmpty();
    }

    @Test
    void whatHasEndedIsWatchedNoMore() {
        Scripted over = new Scripted();
        Transfers.Running running = onLoop(() -> transfers.watch(over));
        assertThat(transfers.active()).isEqualTo(1);
        running.ended();
        running.ended();
        assertThat(transfers.active()).isZero();
        checkAfter(Duration.ofHours(1));
        assertThat(over.endings).isEmpty();
    }

    @Test
    void everyTransferIsEndedWhenTheServerIs() {
        Scripted one = new Scripted();
        Scripted other = new Scripted();
        onLoop(() -> transfers.watch(one));
        onLoop(() -> transfers.watch(other));
        transfers.endAll(Ending.DRAINED);
        onLoop(() -> true);
        assertThat(one.endings).containsExactly(Ending.DRAINED);
        assertThat(other.endings).containsExactly(Ending.DRAINED);
    }
}
