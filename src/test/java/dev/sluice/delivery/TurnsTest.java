package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TurnsTest {
    private static final int TRANSFERS = 9;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final AtomicLong nanos = new AtomicLong(-5);
    private final Turns turns = new Turns(nanos::get);

    /** Which transfers went on in each turn of the loop. On it, but for {@link #done}. */
    private final List<List<Integer>> inOrder = new ArrayList<>();

    private final CompletableFuture<Void> done = new CompletableFuture<>();

    @AfterEach
    void stop() throws Exception {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(30, TimeUnit.SECONDS);
    }

    private void begin(long bytes) {
        countTurn();
        IntStream.range(0, TRANSFERS).forEach(transfer -> turns.await(loop, bytes, () -> goOn(transfer)));
    }

    /** What else is due, once a turn. */
    @SuppressWarnings("FutureReturnValueIgnored") // Without it the test never ends.
    private void countTurn() {
        if (!done.isDone()) {
            inOrder.add(new ArrayList<>());
            loop.schedule(this::countTurn, 0, TimeUnit.NANOSECONDS);
        }
    }

    private void goOn(int transfer) {
        inOrder.get(inOrder.size() - 1).add(transfer);
        if (transfer == TRANSFERS - 1) {
            done.complete(null);
        }
    }

    private List<List<Integer>> busy() {
        return inOrder.stream().filter(turn -> !turn.isEmpty()).toList();
    }

    @Test
    void onlySoManyBytesLeaveInOneTurnOfTheLoopAndInTheOrderInWhichTheyCame() throws Exception {
        loop.execute(() -> begin(512 << 10));
        done.get(30, TimeUnit.SECONDS);
        assertThat(busy()).containsExactly(List.of(0, 1), List.of(2, 3), List.of(4, 5), List.of(6, 7), List.of(8));
    }

    @Test
    void whatIsLargerThanATurnHasOneForItself() throws Exception {
        loop.execute(() -> begin(4 << 20));
        done.get(30, TimeUnit.SECONDS);
        assertThat(busy()).hasSize(TRANSFERS).allMatch(turn -> turn.size() == 1);
    }

    @Test
    void oneThatFailsHoldsNobodyUp() throws Exception {
        loop.execute(() -> {
            countTurn();
            turns.await(loop, 1, () -> {
                throw new IllegalStateException("for the test");
            });
            turns.await(loop, 1, () -> goOn(TRANSFERS - 1));
        });
        done.get(30, TimeUnit.SECONDS);
        assertThat(busy()).containsExactly(List.of(TRANSFERS - 1));
    }

    @Test
    void whoComesWhileTheOthersGoOnComesAfterThem() throws Exception {
        loop.execute(() -> {
            countTurn();
            turns.await(loop, 1 << 20, () -> {
                goOn(0);
                turns.await(loop, 1 << 20, () -> goOn(TRANSFERS - 1));
            });
            turns.await(loop, 1 << 20, () -> goOn(1));
        });
        done.get(30, TimeUnit.SECONDS);
        assertThat(busy()).containsExactly(List.of(0), List.of(1), List.of(TRANSFERS - 1));
    }

    private void afterAWhile() {
        nanos.addAndGet(250_000_000);
    }

    @Test
    void whoHasNobodyBesideThemGoOnTogether() throws Exception {
        afterAWhile();
        loop.execute(() -> begin(2 << 20));
        done.get(30, TimeUnit.SECONDS);
        assertThat(busy()).containsExactly(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8));
    }

    @Test
    void whoeverAsksMakesThemSendLittleForAMoment() throws Exception {
        afterAWhile();
        turns.disturb();
        nanos.addAndGet(249_999_999);
        loop.execute(() -> begin(2 << 20));
        done.get(30, TimeUnit.SECONDS);
        assertThat(busy()).hasSize(TRANSFERS);
    }

    @Test
    void oneByItselfIsSentLargeRegionsWhoeverAsks() {
        assertThat(turns.region()).isEqualTo(1 << 20);
        turns.handedOver();
        turns.handedOver();
        assertThat(turns.region()).isEqualTo(1 << 20);
        turns.disturb();
        turns.handedOver();
        assertThat(turns.region()).isEqualTo((4 << 20) / 5);
    }

    @Test
    void manyTogetherHaveNoMoreInTheirSocketsThanTheOthersCanWaitFor() {
        IntStream.range(0, 14).forEach(region -> turns.handedOver());
        assertThat(turns.region()).as("while somebody asks").isEqualTo(256 << 10);
        afterAWhile();
        assertThat(turns.region()).as("while nobody does").isEqualTo(1 << 20);
        IntStream.range(0, 48).forEach(region -> turns.handedOver());
        assertThat(turns.region()).as("many, while nobody asks").isEqualTo(512 << 10);
        IntStream.range(0, 1_000).forEach(region -> turns.handedOver());
        assertThat(turns.region()).as("very many").isEqualTo(128 << 10);
        IntStream.range(0, 1_060).forEach(region -> turns.left());
        assertThat(turns.region()).as("when they have left").isEqualTo(1 << 20);
    }
}
