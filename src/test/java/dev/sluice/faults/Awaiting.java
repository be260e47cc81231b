package dev.sluice.faults;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Waits for what must come true. */
final class Awaiting {
    private static final long PATIENCE = TimeUnit.MINUTES.toNanos(3);

    private Awaiting() {}

    static void until(String what, Callable<Boolean> condition) {
        long deadline = System.nanoTime() + PATIENCE;
        try {
            while (!condition.call()) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("it did not come true in three minutes that " + what);
                }
                Thread.sleep(20);
            }
        } catch (RuntimeException failed) {
            throw failed;
        } catch (Exception failed) {
            throw new AssertionError(what, failed);
        }
    }
}
