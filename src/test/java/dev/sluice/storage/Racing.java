package dev.sluice.storage;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Does one thing over and over beside the test, from the constructor's return to close, at least once. */
final class Racing implements AutoCloseable {
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicLong rounds = new AtomicLong();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final CountDownLatch started = new CountDownLatch(1);
    private final Thread thread;

    interface Step {
        void run() throws Exception;
    }

    private Racing(Step step) {
        thread = new Thread(() -> run(step), "racing");
    }

    static Racing repeat(Step step) throws InterruptedException {
        Racing racing = new Racing(step);
        racing.thread.start();
        racing.started.await();
        return racing;
    }

    long rounds() {
        return rounds.get();
    }

    private void run(Step step) {
        try {
            while (!stopped.get()) {
                step.run();
                rounds.incrementAndGet();
                started.countDown();
            }
        } catch (Exception | AssertionError e) {
            failure.set(e);
            started.countDown();
        }
    }

    @Override
    public void close() throws InterruptedException {
        stopped.set(true);
        thread.join();
        if (failure.get() != null) {
            throw new AssertionError("the racing thread failed", failure.get());
        }
    }
}
