package dev.sluice.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DoorkeeperTest {
    private final Doorkeeper<Object> doorkeeper = new Doorkeeper<>();

    /** Of keys whose hashes are numbers in a row, as are those of short texts. */
    private long recurring(int from, int to) {
        return IntStream.range(from, to).filter(doorkeeper::recurs).count();
    }

    @Test
    void whatComesAgainRecurs() {
        assertThat(doorkeeper.recurs("a")).isFalse();
        assertThat(doorkeeper.recurs("b")).isFalse();
        assertThat(doorkeeper.recurs("a")).isTrue();
        assertThat(doorkeeper.recurs("a")).isTrue();
    }

    @Test
    void aHashOfZeroIsAsGoodAsAny() {
        assertThat(doorkeeper.recurs(0)).isFalse();
        assertThat(doorkeeper.recurs(0)).isTrue();
    }

    @Test
    void whatComesOnceHardlyEverRecurs() {
        assertThat(recurring(0, 1_000_000)).isLessThan(1_000_000 / 1_000);
    }

    /** Those that fall into one bucket do not drive each other out. */
    @Test
    void aThousandKeysInTurnAreKnownByTheSecondTurn() {
        recurring(0, 1_000);
        assertThat(recurring(0, 1_000)).isGreaterThan(990);
    }

    @Test
    void moreThanAnyCacheHoldsAreForgottenByTheSecondTurn() {
        recurring(0, 60_000);
        assertThat(recurring(0, 60_000)).isLessThan(60_000 / 100);
    }
}
