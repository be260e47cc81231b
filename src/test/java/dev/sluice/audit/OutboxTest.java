package dev.sluice.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private static final int BOUND = 1_000;

    private final Vertx vertx = Vertx.vertx();
    private final AtomicLong lost = new AtomicLong();
    private final BlockingQueue<Write> writes = new LinkedBlockingQueue<>();
    private final Outbox<Integer> outbox = new Outbox<>(vertx, "Numbers", BOUND, this::write, lost::addAndGet);

    private record Write(long number, List<Integer> items, Promise<Void> outcome) {}

    private Future<Void> write(long number, List<Integer> items) {
        Write write = new Write(number, items, Promise.promise());
        writes.add(write);
        return write.outcome().future();
    }

    private Write next() throws InterruptedException {
        Write write = writes.poll(30, TimeUnit.SECONDS);
        assertThat(write).as("a write").isNotNull();
        return write;
    }

    @AfterEach
    void close() throws Exception {
        vertx.close().await(30, TimeUnit.SECONDS);
    }

    @Test
    void whatFailsIsWrittenAgainAsItWasAndInItsOrder() throws Exception {
        outbox.add(1);
        Write first = next();
        outbox.add(2);
        first.outcome().fail("the database is away");
        Write again = next();
        assertThat(again.items()).containsExactly(1);
        assertThat(again.number()).isEqualTo(first.number());
        again.outcome().complete();
        Write second = next();
        assertThat(second.items()).containsExactly(2);
        assertThat(second.number()).isGreaterThan(first.number());
        Future<Void> flushed = outbox.flush();
        assertThat(flushed.isComplete()).isFalse();
        second.outcome().complete();
        flushed.await(30, TimeUnit.SECONDS);
        assertThat(outbox.size()).isZero();
        assertThat(lost).hasValue(0);
    }

    @Test
    void aStatementThatTheDatabaseRefusesIsNotRepeatedForEver() throws Exception {
        outbox.add(1);
        Write first = next();
        outbox.add(2);
        first.outcome().fail(new PgException("invalid", "ERROR", "22P02", ""));
        assertThat(next().items()).containsExactly(2);
        assertThat(lost).hasValue(1);
    }

    @Test
    void whatTheServerCannotDoAtTheMomentIsRepeated() throws Exception {
        outbox.add(1);
        next().outcome().fail(new PgException("shutting down", "FATAL", "57P01", ""));
        assertThat(next().items()).containsExactly(1);
        assertThat(lost).hasValue(0);
    }

    @Test
    void beyondTheBoundTheyAreCountedAsLost() throws Exception {
        outbox.add(0);
        Write write = next();
        IntStream.range(0, BOUND + 5).forEach(outbox::add);
        assertThat(lost).hasValue(5);
        assertThat(outbox.size()).isEqualTo(BOUND + 1);
        write.outcome().complete();
        next().outcome().complete();
        next().outcome().complete();
        assertThat(outbox.size()).isZero();
        outbox.add(1);
        assertThat(next().items()).containsExactly(1);
    }

    /** Four batches of one item each, written. */
    private void begin(Outbox<Integer> outbox) throws InterruptedException {
        for (int n = 1; n <= 4; n++) {
            outbox.add(n);
            Write alone = next();
            assertThat(alone.items()).containsExactly(n);
            alone.outcome().complete();
        }
    }

    @Test
    void whatComesInQuickSuccessionGoesTogether() throws Exception {
        Outbox<Integer> gathering =
                new Outbox<>(vertx, "Numbers", BOUND, Duration.ofDays(1), this::write, lost::addAndGet);
        begin(gathering);
        IntStream.rangeClosed(5, 9).forEach(gathering::add);
        assertThat(writes).isEmpty();
        assertThat(gathering.size()).isEqualTo(5);
        Future<Void> flushed = gathering.flush();
        Write together = next();
        assertThat(together.items()).containsExactly(5, 6, 7, 8, 9);
        gathering.add(10);
        together.outcome().complete();
        Write rest = next();
        assertThat(rest.items()).containsExactly(10);
        assertThat(flushed.isComplete()).isFalse();
        rest.outcome().complete();
        flushed.await(30, TimeUnit.SECONDS);
        assertThat(writes).isEmpty();
    }

    @Test
    void whatIsGatheredIsWrittenWithoutBeingAskedFor() throws Exception {
        Outbox<Integer> gathering =
                new Outbox<>(vertx, "Numbers", BOUND, Duration.ofSeconds(2), this::write, lost::addAndGet);
        begin(gathering);
        gathering.add(5);
        assertThat(next().items()).containsExactly(5);
    }

    @Test
    void nothingToFlushIsFlushed() {
        assertThat(outbox.flush().succeeded()).isTrue();
    }
}
