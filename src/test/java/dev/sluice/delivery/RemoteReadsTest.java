package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.archive.Segment;
import dev.sluice.database.TestDatabase;
import dev.sluice.storage.BlobRead;
import dev.sluice.storage.StoreUnavailable;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RemoteReadsTest {
    private static final int SMALL = 100;

    private static Vertx vertx;
    private static Context loop;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
        loop = vertx.getOrCreateContext();
    }

    @AfterAll
    static void stop() {
        TestDatabase.await(vertx.close());
    }

    /** A store that answers when it is told to; the bytes of an entry are its index. */
    private static final class Store implements EntrySource {
        private final Deque<Runnable> answers = new ArrayDeque<>();
        private final List<ByteBuf> given = Collections.synchronizedList(new ArrayList<>());
        private final int fails;
        private int open;
        private int mostOpen;

        Store(int fails) {
            this.fails = fails;
        }

        @Override
        public OpenEntry open(int entry) {
            throw new AssertionError("not a file");
        }

        @Override
        public Optional<Remote> remote(int entry) {
            return Optional.of((from, until) -> begin(entry));
        }

        private BlobRead begin(int entry) {
            open++;
            mostOpen = Math.max(mostOpen, open);
            return new BlobRead() {
                private final List<Promise<ByteBuf>> waiting = new ArrayList<>();
                private boolean closed;

                @Override
                public Future<Void> opened() {
                    return Future.succeededFuture();
                }

                @Override
                public Future<ByteBuf> next(int length) {
                    Promise<ByteBuf> promise = Promise.promise();
                    waiting.add(promise);
                    answers.add(() -> answer(promise, length));
                    return promise.future();
                }

                private void answer(Promise<ByteBuf> promise, int length) {
                    if (closed) {
                        return;
                    }
                    if (entry == fails) {
                        promise.fail(new StoreUnavailable("told to fail"));
                        return;
                    }
                    ByteBuf bytes = Unpooled.buffer(length);
                    IntStream.range(0, length).forEach(i -> bytes.writeByte(entry));
                    given.add(bytes);
                    promise.complete(bytes);
                }

                @Override
                public void close() {
                    if (!closed) {
                        closed = true;
                        open--;
                        waiting.forEach(promise -> promise.tryFail(new ClosedChannelException()));
                    }
                }
            };
        }

        /** All that is asked now and because of that. */
        void answerAll() {
            while (!answers.isEmpty()) {
                // The last first: they need not come in the order in which they were asked for.
                answers.removeLast().run();
            }
        }

        @Override
        public Future<IntUnaryOperator> checksums(int first, int last) {
            return Future.succeededFuture(entry -> 0);
        }

        void assertNothingIsHeld() {
            assertThat(open).isZero();
            assertThat(given).allSatisfy(bytes -> assertThat(bytes.refCnt()).isZero());
        }
    }

    private static List<Segment> small(int entries) {
        return IntStream.range(0, entries)
                .<Segment>mapToObj(entry -> new Segment.FileRegion(entry, 0, SMALL))
                .toList();
    }

    private static RemoteReads reads(Store store) {
        return new RemoteReads(store, Collections.emptyIterator());
    }

    private static <T> T onLoop(Supplier<T> work) {
        Promise<T> done = Promise.promise();
        loop.runOnContext(turn -> {
            try {
                done.complete(work.get());
            } catch (RuntimeException | Error failed) {
                done.fail(failed);
            }
        });
        return TestDatabase.await(done.future());
    }

    @Test
    void smallEntriesAreAskedForAFewAtATimeAndComeInTheirOrder() {
        Store store = new Store(-1);
        List<Integer> entries = onLoop(() -> {
            Future<List<ByteBuf>> all = reads(store).among(small(50));
            store.answerAll();
            List<Integer> first = all.result().stream()
                    .map(bytes -> (int) bytes.getByte(SMALL - 1))
                    .toList();
            all.result().forEach(ByteBuf::release);
            return first;
        });
        assertThat(entries).isEqualTo(IntStream.range(0, 50).boxed().toList());
        assertThat(store.mostOpen).isEqualTo(8);
        store.assertNothingIsHeld();
    }

    @Test
    void whenOneFailsWhatCameIsReleasedAndNoMoreIsAskedFor() {
        Store store = new Store(7);
        Future<List<ByteBuf>> all = onLoop(() -> {
            Future<List<ByteBuf>> asked = reads(store).among(small(50));
            store.answerAll();
            return asked;
        });
        assertThatThrownBy(() -> TestDatabase.await(all)).isInstanceOf(StoreUnavailable.class);
        assertThat(store.given).hasSize(7);
        store.assertNothingIsHeld();
    }

    @Test
    void closingEndsWhatIsUnderWay() {
        Store store = new Store(-1);
        Future<List<ByteBuf>> all = onLoop(() -> {
            RemoteReads reads = reads(store);
            Future<List<ByteBuf>> asked = reads.among(small(50));
            reads.close();
            store.answerAll();
            return asked;
        });
        assertThat(all.failed()).isTrue();
        store.assertNothingIsHeld();
    }

    @Test
    void theTailOfALargeEntryComesFromTheReadThatIsOpen() {
        Store store = new Store(-1);
        int tail = onLoop(() -> {
            RemoteReads reads = reads(store);
            Future<ByteBuf> first = reads.next(new Steps.Region(3, 0, 1_000, 1_100));
            store.answerAll();
            first.result().release();
            Future<List<ByteBuf>> last = reads.among(List.of(new Segment.FileRegion(3, 1_000, 100)));
            store.answerAll();
            int length = last.result().get(0).readableBytes();
            last.result().forEach(ByteBuf::release);
            reads.close();
            return length;
        });
        assertThat(tail).isEqualTo(100);
        assertThat(store.mostOpen).isEqualTo(1);
        store.assertNothingIsHeld();
    }
}
