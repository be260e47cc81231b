package dev.sluice.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgException;
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
    private final Outbox<Integer> outbox = new Outbox<>(
            vertx,
            "Numbers",
            BOUND,
            (number, items) -> {
                Write write = new Write(number, items, Promise.promise());
                writes.add(write);
                return write.outcome().future();
            },
            lost::addAndGet);

    private record Write(long number, List<Integer> items, Promise<Void> outcome) {}

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

    @Test
    void nothingToFlushIsFlushed() {
        assertThat(outbox.flush().succeeded()).isTrue();
    }
}
