package dev.sluice.database;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Tells a server that works on something long from one that says nothing at all, by a question on a connection that nothing
 * else waits on. So a statement may take its time, and yet whoever asks a server that is frozen or cut off is told soon. Any
 * thread.
 */
final class Pulse {
    private final SqlClient client;
    private final Duration half;
    private @Nullable Future<?> asked;

    /** @param silence longest time without any sign of life */
    Pulse(SqlClient client, Duration silence) {
        this.client = client;
        this.half = silence.dividedBy(2);
    }

    /**
     * The answer, when it comes within the limit and the server is alive meanwhile; else fails with
     * {@link TimeoutException}. What was asked goes on.
     */
    <T> Future<T> during(Future<T> answer, Duration limit) {
        return within(answer, half)
                .recover(late -> answer.isComplete()
                        ? answer
                        : within(beat(), half).compose(alive -> within(answer, limit.minus(half.multipliedBy(2)))));
    }

    private static <T> Future<T> within(Future<T> answer, Duration limit) {
        return answer.timeout(Math.max(1, limit.toMillis()), TimeUnit.MILLISECONDS);
    }

    /** One for all who ask while it is under way, so that nothing piles up before a server that does not answer. */
    synchronized Future<?> beat() {
        Future<?> current = asked;
        if (current == null || current.isComplete()) {
            current = client.query("select 1").execute();
            asked = current;
        }
        return current;
    }

    Future<Void> close() {
        return client.close();
    }
}
