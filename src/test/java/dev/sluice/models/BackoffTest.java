package dev.sluice.models;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private final Backoff backoff = new Backoff(Duration.ofSeconds(4), Duration.ofMinutes(1));

    @Test
    void itDoublesUpToTheLongest() {
        assertThat(IntStream.rangeClosed(1, 6)
                        .mapToObj(failures -> backoff.after(failures, () -> 1).toSeconds()))
                .containsExactly(4L, 8L, 16L, 32L, 60L, 60L);
        assertThat(backoff.after(Integer.MAX_VALUE, () -> 1)).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void jitterIsBetweenHalfAndAllOfIt() {
        assertThat(backoff.after(1, () -> 0)).isEqualTo(Duration.ofSeconds(2));
        assertThat(backoff.after(1, () -> 0.5)).isEqualTo(Duration.ofSeconds(3));
    }
}
