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
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TurnsTest {
    private static final int TRANSFERS = 9;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = group.next();

    /** Which transfers went on in each turn of the loop. On it, but for {@link #done}. */
    private final List<List<Integer>> turns = new ArrayList<>();

    private final CompletableFuture<Void> done = new CompletableFuture<>();

    @AfterEach
    void stop() throws Exception {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(30, TimeUnit.SECONDS);
    }

    private void begin(long bytes) {
        countTurn();
        IntStream.range(0, TRANSFERS).forEach(transfer -> Turns.await(loop, bytes, () -> goOn(transfer)));
    }

    /** What else is due, once a turn. */
    @SuppressWarnings("FutureReturnValueIgnored") // Without it the test never ends.
    private void countTurn() {
        if (!done.isDone()) {
            turns.add(new ArrayList<>());
            loop.schedule(this::countTurn, 0, TimeUnit.NANOSECONDS);
        }
    }

    private void goOn(int transfer) {
        turns.get(turns.size() - 1).add(transfer);
        if (transfer == TRANSFERS - 1) {
            done.complete(null);
        }
    }

    private List<List<Integer>> busy() {
        return turns.stream().filter(turn -> !turn.isEmpty()).toList();
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
            Turns.await(loop, 1, () -> {
                throw new IllegalStateException("for the test");
            });
            Turns.await(loop, 1, () -> goOn(TRANSFERS - 1));
        });
        done.get(30, TimeUnit.SECONDS);
        assertThat(busy()).containsExactly(List.of(TRANSFERS - 1));
    }

    @Test
    void whoComesWhileTheOthersGoOnComesAfterThem() throws Exception {
        loop.execute(() -> {
            countTurn();
            Turns.await(loop, 1 << 20, () -> {
                goOn(0);
                Turns.await(loop, 1 << 20, () -> goOn(TRANSFERS - 1));
            });
            Turns.await(loop, 1 << 20, () -> goOn(1));
        });
        done.get(30, TimeUnit.SECONDS);
        assertThat(busy()).containsExactly(List.of(0), List.of(1), List.of(TRANSFERS - 1));
    }
}
