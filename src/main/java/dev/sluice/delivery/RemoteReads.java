package dev.sluice.delivery;

import dev.sluice.archive.Segment;
import dev.sluice.storage.BlobRead;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.channels.ClosedChannelException;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one transfer reads from a store elsewhere: the entry that is being sent in one go, small ones a few at a time. Event loop.
 */
final class RemoteReads {
    /** Small entries that are asked for together. */
    private static final int AT_ONCE = 8;

    /** What a slow peer takes in a part of a minute, so that it is seen to get on. Bytes. */
    private static final int LEAST_PIECE = MemoryShare.LEAST;

    private static final long FAST_NANOS = 200_000_000;
    private static final long SLOW_NANOS = 2_000_000_000;

    private final EntrySource source;
    /** Until it has begun to be read. */
    private Segment.@Nullable FileRegion first;

    private boolean opening;
    private final Set<BlobRead> small = new HashSet<>();
    private @Nullable Stream current;
    private int piece = 2 * LEAST_PIECE;
    private long lastAsked = System.nanoTime();
    private boolean closed;

    /** @param body its segments */
    RemoteReads(EntrySource source, Iterator<Segment> body) {
        this.source = source;
        this.first = first(body);
    }

    private Segment.@Nullable FileRegion first(Iterator<Segment> body) {
        while (body.hasNext()) {
            if (body.next() instanceof Segment.FileRegion region) {
                return has(region.entry()) ? region : null;
            }
        }
        return null;
    }

    private static final class Stream {
        private final int entry;
        private final BlobRead read;
        private final long until;
        private long position;

        Stream(int entry, BlobRead read, long from, long until) {
            this.entry = entry;
            this.read = read;
            this.position = from;
            this.until = until;
        }

        boolean isAt(Segment.FileRegion region) {
            return entry == region.entry() && position == region.offset() && position + region.length() <= until;
        }

        Future<ByteBuf> next(int length) {
            position += length;
            return read.next(length);
        }
    }

    boolean has(int entry) {
        return source.remote(entry).isPresent();
    }

    /** Bytes that the next piece of a large entry may have: more for who takes them fast. */
    int piece() {
        return piece;
    }

    /** Completes when the store gives bytes for the body, where its first region lies there. */
    Future<Void> begin() {
        Segment.FileRegion begin = first;
        if (begin == null) {
            return Future.succeededFuture();
        }
        first = null;
        opening = true;
        return stream(begin, begin.offset() + begin.length()).read.opened().onComplete(opened -> opening = false);
    }

    boolean isOpening() {
        return opening;
    }

    /** The next bytes of a large entry. */
    Future<ByteBuf> next(Steps.Region region) {
        adapt();
        return stream(new Segment.FileRegion(region.entry(), region.offset(), region.length()), region.until())
                .next((int) region.length());
    }

    private Stream stream(Segment.FileRegion region, long until) {
        Stream before = current;
        if (before != null && before.isAt(region)) {
            return before;
        }
        if (before != null) {
            before.read.close();
        }
        Stream stream = new Stream(region.entry(), read(region, until), region.offset(), until);
        current = stream;
        return stream;
    }

    private BlobRead read(Segment.FileRegion region, long until) {
        return source.remote(region.entry()).orElseThrow().read(region.offset(), until);
    }

    private void adapt() {
        long now = System.nanoTime();
        long took = now - lastAsked;
        lastAsked = now;
        if (took < FAST_NANOS) {
            piece = Math.min(MemoryShare.MOST, 2 * piece);
        } else if (took > SLOW_NANOS) {
            piece = Math.max(LEAST_PIECE, piece / 2);
        }
    }

    /** The bytes of those segments that lie in the store, in their order; the caller releases them. */
    Future<List<ByteBuf>> among(List<Segment> segments) {
        List<Segment.FileRegion> regions = segments.stream()
                .filter(Segment.FileRegion.class::isInstance)
                .map(Segment.FileRegion.class::cast)
                .filter(region -> has(region.entry()))
                .toList();
        Gathering gathering = new Gathering(regions);
        gathering.go();
        return gathering.done.future();
    }

    private final class Gathering {
        private final List<Segment.FileRegion> regions;
        private final @Nullable ByteBuf[] bytes;
        private final Promise<List<ByteBuf>> done = Promise.promise();
        private int next;
        private int underWay;
        private @Nullable Throwable failure;

        Gathering(List<Segment.FileRegion> regions) {
            this.regions = regions;
            this.bytes = new @Nullable ByteBuf[regions.size()];
        }

        void go() {
            while (failure == null && underWay < AT_ONCE && next < bytes.length) {
                int slot = next++;
                underWay++;
                one(regions.get(slot)).onComplete(read -> {
                    underWay--;
                    if (read.succeeded()) {
                        bytes[slot] = read.result();
                    } else {
                        failure = read.cause();
                    }
                    go();
                });
            }
            if (underWay == 0
                    && (failure != null || next == bytes.length)
                    && !done.future().isComplete()) {
                end();
            }
        }

        private void end() {
            Throwable failed = failure;
            if (failed == null) {
                done.complete(List.of(bytes));
                return;
            }
            for (ByteBuf read : bytes) {
                if (read != null) {
                    read.release();
                }
            }
            done.fail(failed);
        }
    }

    private Future<ByteBuf> one(Segment.FileRegion region) {
        Stream sent = current;
        if (sent != null && sent.isAt(region)) {
            return sent.next((int) region.length());
        }
        if (closed) {
            return Future.failedFuture(new ClosedChannelException());
        }
        BlobRead read = read(region, region.offset() + region.length());
        small.add(read);
        return read.next((int) region.length()).onComplete(ended -> {
            small.remove(read);
            read.close();
        });
    }

    /** What is under way fails. */
    void close() {
        closed = true;
        Stream sent = current;
        if (sent != null) {
            sent.read.close();
        }
        Set.copyOf(small).forEach(BlobRead::close);
    }
}
