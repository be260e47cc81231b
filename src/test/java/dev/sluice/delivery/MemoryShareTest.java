package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MemoryShareTest {
    private final MemoryShare share = new MemoryShare(32 << 20);

    @Test
    void aFewTransfersHaveLargePieces() {
        assertThat(share.pieceSize()).isEqualTo(MemoryShare.MOST);
        join(64);
        assertThat(share.pieceSize()).isEqualTo(MemoryShare.MOST);
    }

    @Test
    void manyTransfersShareTheBudget() {
        join(512);
        assertThat(512L * BodyPump.UNDER_WAY * share.pieceSize()).isLessThanOrEqualTo(32 << 20);
    }

    @Test
    void noTransferHasLessThanTheLeast() {
        join(100_000);
        assertThat(share.pieceSize()).isEqualTo(MemoryShare.LEAST);
    }

    @Test
    void whoLeavesGivesItsShareBack() {
        join(512);
        for (int i = 0; i < 512; i++) {
            share.leave();
        }
        assertThat(share.pieceSize()).isEqualTo(MemoryShare.MOST);
    }

    private void join(int transfers) {
        for (int i = 0; i < transfers; i++) {
            share.join();
        }
    }
}
