package dev.sluice.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.ingest.FetchFailed.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Pauses, sources and ends, without a network. */
class TriesTest {
    private static final FetchLimits LIMITS = FetchLimits.of(Duration.ofMinutes(1), 1 << 30);
    private final FetchFailed busy = new FetchFailed(Reason.UNREACHABLE, "busy");

    private static Tries tries(double jitter, String... sources) {
        return new Tries(List.of(sources), LIMITS, () -> jitter, 0);
    }

    private List<Duration> pauses(double jitter) {
        Tries tries = tries(jitter, "a");
        List<Duration> pauses = new ArrayList<>();
        while (tries.failed(busy, 0) instanceof Tries.Again again) {
            pauses.add(again.pause());
        }
        return pauses;
    }

    @Test
    void pausesDoubleUpToTheLongestAndJitterIsBetweenHalfAndAllOfThem() {
        assertThat(pauses(1)).extracting(Duration::toSeconds).containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 60L);
        assertThat(pauses(0))
                .extracting(Duration::toMillis)
                .containsExactly(500L, 1000L, 2000L, 4000L, 8000L, 16_000L, 30_000L);
    }

    @Test
    void whatTheUpstreamAsksForIsHeededWhenItIsLonger() {
        FetchFailed told = new FetchFailed(Reason.UNREACHABLE, "busy", Optional.of(Duration.ofSeconds(90)));
        assertThat(tries(1, "a").failed(told, 0)).isEqualTo(new Tries.Again(Duration.ofSeconds(90)));
        FetchFailed shorter = new FetchFailed(Reason.UNREACHABLE, "busy", Optional.of(Duration.ZERO));
        assertThat(tries(1, "a").failed(shorter, 0)).isEqualTo(new Tries.Again(Duration.ofSeconds(1)));
        FetchFailed tooLong = new FetchFailed(Reason.UNREACHABLE, "busy", Optional.of(Duration.ofHours(1)));
        assertThat(tries(1, "a", "b").failed(tooLong, 0)).isInstanceOf(Tries.OtherSource.class);
    }

    @Test
    void aTryThatBroughtAMebibyteIsNotHeldAgainstTheSource() {
        Tries tries = tries(1, "a");
        for (long here = 1 << 20; here < 100L << 20; here += 1 << 20) {
            assertThat(tries.failed(busy, here)).isEqualTo(new Tries.Again(Duration.ofSeconds(1)));
        }
        assertThat(tries.failed(busy, 99L << 20)).isEqualTo(new Tries.Again(Duration.ofSeconds(2)));
    }

    @Test
    void sourcesAreAskedInOrderAndTheEndNamesWhatEachSaid() {
        Tries tries = tries(1, "a", "b", "c");
        assertThat(tries.failed(new FetchFailed(Reason.STATUS, "no a"), 0)).isInstanceOf(Tries.OtherSource.class);
        assertThat(tries.source()).isEqualTo("b");
        assertThat(tries.wrong(new FetchFailed(Reason.WRONG_DIGEST, "wrong b"))).isInstanceOf(Tries.OtherSource.class);
        assertThat(tries.source()).isEqualTo("c");
        Tries.Next end = tries.failed(new FetchFailed(Reason.REFUSED, "not c"), 0);
        assertThat(end).isInstanceOfSatisfying(Tries.Over.class, over -> {
            assertThat(over.why()).hasMessage("no a; wrong b; not c");
            assertThat(over.why().reason()).isEqualTo(Reason.REFUSED);
        });
    }

    @Test
    void aSourceThatGaveSomeBytesIsTriedThreeTimesBeforeTheNext() {
        Tries tries = tries(1, "a", "b");
        assertThat(tries.failed(busy, 5)).isEqualTo(new Tries.Again(Duration.ofSeconds(1)));
        assertThat(tries.failed(busy, 5)).isEqualTo(new Tries.Again(Duration.ofSeconds(2)));
        assertThat(tries.source()).isEqualTo("a");
        assertThat(tries.failed(busy, 5)).isInstanceOf(Tries.OtherSource.class);
        assertThat(tries.source()).isEqualTo("b");
    }

    @Test
    void theLongestThatAnySourceAskedForIsWaited() {
        Tries tries = tries(1, "a", "b");
        FetchFailed told = new FetchFailed(Reason.UNREACHABLE, "busy", Optional.of(Duration.ofSeconds(90)));
        assertThat(tries.failed(told, 0)).isInstanceOf(Tries.OtherSource.class);
        assertThat(tries.failed(busy, 0)).isEqualTo(new Tries.Again(Duration.ofSeconds(90)));
        assertThat(tries.source()).isEqualTo("a");
    }

    @Test
    void wrongBytesInTwoPiecesAreFetchedOnceMoreInOne() {
        Tries tries = new Tries(List.of("a"), LIMITS, () -> 1, 5);
        FetchFailed wrong = new FetchFailed(Reason.WRONG_DIGEST, "wrong");
        assertThat(tries.wrong(wrong)).isEqualTo(new Tries.Again(Duration.ZERO));
        assertThat(tries.wrong(wrong)).isInstanceOf(Tries.Over.class);
    }

    @Test
    void noSourceHelpsAFullDisk() {
        assertThat(tries(1, "a", "b").failed(new FetchFailed(Reason.NO_SPACE, "full"), 0))
                .isInstanceOf(Tries.Over.class);
    }
}
