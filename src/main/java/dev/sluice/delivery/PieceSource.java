package dev.sluice.delivery;

import dev.sluice.archive.ArchiveLayout;
import dev.sluice.archive.Segment;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.IntSupplier;
import java.util.function.IntUnaryOperator;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Turns the segments of one slice into pieces for the socket and owns the transfer's descriptors: at most the entry that
 * is being sent and the one before it. The last piece is handed out only when every file that was read has proved
 * unchanged, so a body that ends well is whole. Event loop; one {@link #next} at a time.
 */
final class PieceSource {
    private final EntrySource source;
    private final WorkerExecutor worker;
    private final Steps steps;
    /** The segments again, up to where checksums have been asked for. */
    private final Iterator<Segment> ahead;

    private final boolean readsAhead;
    private final RemoteReads remotes;
    private @Nullable Lease current;
    /** Of the current entry. */
    private @Nullable ReadAhead readAhead;
    /** Completes when all entries before the current one are closed; fails when one of them changed. */
    private Future<Void> retired = Future.succeededFuture();
    /** Done when the present {@link #next} opens nothing any more. */
    private Future<?> atWork = Future.succeededFuture();

    /** Seen by workers too. */
    private volatile boolean closed;

    private boolean awaitsChecksums;

    /**
     * @param maxRegion the largest region piece now, in bytes
     * @param memory the largest piece in memory now, give or take a header, in bytes
     * @param readsAhead whether regions must be in the page cache when they are handed out
     */
    PieceSource(
            ArchiveLayout slice,
            EntrySource source,
            WorkerExecutor worker,
            LongSupplier maxRegion,
            IntSupplier memory,
            boolean readsAhead) {
        this.readsAhead = readsAhead;
        this.source = source;
        this.worker = worker;
        this.remotes = new RemoteReads(source, slice.segments());
        this.steps = new Steps(
                slice.segments(),
                entry -> remotes.has(entry) ? Math.min(remotes.piece(), memory.getAsInt()) : maxRegion.getAsLong(),
                memory);
        this.ahead = slice.segments();
    }

    boolean hasNext() {
        return steps.hasNext();
    }

    /** Changes while a checksum is computed that the present {@link #next} waits for. */
    long computed() {
        return awaitsChecksums ? source.computed() : 0;
    }

    /** Whether the present {@link #next} waits for a store elsewhere to give its first bytes, or to be given up. */
    boolean isOpening() {
        return remotes.isOpening();
    }

    /** The next piece. The last one waits for all pieces before it to be released. */
    Future<Piece> next() {
        return remotes.begin().compose(opened -> step());
    }

    private Future<Piece> step() {
        Steps.Step step = steps.next();
        if (step instanceof Steps.Region region && remotes.has(region.entry())) {
            retireCurrent();
            askAhead(region.entry());
            return remotes.next(region).map(Piece.Memory::new);
        }
        if (step instanceof Steps.Region region) {
            return lease(region).compose(lease -> atHand(lease, region));
        }
        List<Segment> segments = ((Steps.Gathered) step).segments();
        Future<Piece> gathered = checksums(segments).compose(crc32 -> gather(segments, crc32));
        return steps.hasNext() ? gathered : gathered.compose(this::afterLastCheck);
    }

    /**
     * Gives back every descriptor as soon as no piece uses it; completes when that is done. A {@link #next} under way still
     * completes.
     */
    Future<Void> close() {
        closed = true;
        remotes.close();
        return atWork.transform(settled -> {
            Lease open = current;
            current = null;
            Future<Void> abandoned = open == null ? Future.succeededFuture() : open.abandon();
            return Future.join(abandoned, retired).mapEmpty();
        });
    }

    private Future<Piece> atHand(Lease lease, Steps.Region region) {
        lease.use();
        Piece piece = new Piece.Region(lease, region.offset(), region.length());
        ReadAhead ahead = readAhead;
        return ahead == null
                ? Future.succeededFuture(piece)
                : ahead.upTo(region.end(), region.until()).map(piece).onFailure(unreadable -> lease.release());
    }

    private Future<Piece> afterLastCheck(Piece last) {
        Future<Void> checked = retireCurrent();
        return checked.map(last)
                .onFailure(changed -> ((Piece.Memory) last).bytes().release());
    }

    private Future<Lease> lease(Steps.Region region) {
        Lease open = current;
        if (open != null && open.entry() == region.entry()) {
            return Future.succeededFuture(open);
        }
        // The entry before the present one must be closed before a third is opened.
        Future<Void> predecessor = retired;
        retireCurrent();
        Future<Lease> opening = predecessor
                .compose(unchanged -> unlessClosed(() -> open(region)))
                .map(opened -> {
                    Lease lease = new Lease(region.entry(), opened.entry(), worker);
                    current = lease;
                    readAhead = readsAhead ? new ReadAhead(lease, opened.atHand(), worker) : null;
                    askAhead(region.entry());
                    return lease;
                });
        atWork = opening;
        return opening;
    }

    /** @param atHand offset in the file before which what will be sent lies in the page cache */
    private record Opened(OpenEntry entry, long atHand) {}

    /** Worker thread. */
    private Opened open(Steps.Region region) throws IOException {
        OpenEntry entry = source.open(region.entry());
        if (!readsAhead) {
            return new Opened(entry, region.offset());
        }
        try {
            return new Opened(entry, ReadAhead.first(entry.channel(), region.offset(), region.until(), () -> closed));
        } catch (IOException | RuntimeException failed) {
            try (entry) {
                throw failed;
            }
        }
    }

    private <T> Future<T> unlessClosed(Callable<T> work) {
        return closed
                ? Future.failedFuture(new IOException("The transfer has ended"))
                : worker.executeBlocking(work, false);
    }

    /** Lets the next checksum be computed while this entry is sent. Whether it fails is seen when it is needed. */
    @SuppressWarnings("FutureReturnValueIgnored")
    private void askAhead(int entry) {
        boolean passed = false;
        while (ahead.hasNext()) {
            Segment segment = ahead.next();
            if (segment instanceof Segment.FileRegion region) {
                passed = region.entry() == entry;
            } else if (passed && segment instanceof Segment.Bytes bytes && bytes.needsCrc32()) {
                source.checksums(bytes.firstEntry(), bytes.lastEntry());
                return;
            }
        }
    }

    private Future<Void> retireCurrent() {
        Lease open = current;
        if (open != null) {
            current = null;
            Future<Void> before = retired;
            retired = Future.join(open.retire(), before).mapEmpty();
        }
        return retired;
    }

    private Future<IntUnaryOperator> checksums(List<Segment> segments) {
        int first = Integer.MAX_VALUE;
        int last = -1;
        for (Segment segment : segments) {
            if (segment instanceof Segment.Bytes bytes && bytes.firstEntry() <= bytes.lastEntry()) {
                first = Math.min(first, bytes.firstEntry());
                last = Math.max(last, bytes.lastEntry());
            }
        }
        if (last < 0) {
            return Future.succeededFuture(entry -> {
                throw new IllegalStateException("No checksum was asked for entry " + entry);
            });
        }
        awaitsChecksums = true;
        return source.checksums(first, last).onComplete(known -> awaitsChecksums = false);
    }

    private Future<Piece> gather(List<Segment> segments, IntUnaryOperator crc32) {
        if (segments.stream().allMatch(Segment.Bytes.class::isInstance)) {
            return Future.future(rendered -> rendered.complete(new Piece.Memory(render(segments, crc32))));
        }
        return remotes.among(segments).compose(fetched -> gather(segments, crc32, fetched));
    }

    /** @param fetched the regions from elsewhere, in their order; released whatever happens */
    private Future<Piece> gather(List<Segment> segments, IntUnaryOperator crc32, List<ByteBuf> fetched) {
        Lease open = current;
        if (open != null) {
            open.use();
        }
        // What is opened here comes on top of the current entry.
        Future<Piece> reading = retired.compose(
                        unchanged -> unlessClosed(() -> read(segments, crc32, open, fetched.iterator())))
                .<Piece>map(Piece.Memory::new)
                .onComplete(done -> {
                    fetched.forEach(ByteBuf::release);
                    if (open != null) {
                        open.release();
                    }
                });
        atWork = reading;
        return reading;
    }

    private static ByteBuf render(List<Segment> segments, IntUnaryOperator crc32) {
        ByteBuf bytes = allocate(segments);
        for (Segment segment : segments) {
            bytes.writeBytes(((Segment.Bytes) segment).render(crc32));
        }
        return bytes;
    }

    /** Worker thread. */
    private ByteBuf read(
            List<Segment> segments, IntUnaryOperator crc32, @Nullable Lease open, Iterator<ByteBuf> fetched)
            throws IOException {
        ByteBuf bytes = allocate(segments);
        try (EntrySource.Row row = source.row()) {
            for (Segment segment : segments) {
                if (segment instanceof Segment.Bytes header) {
                    bytes.writeBytes(header.render(crc32));
                } else if (segment instanceof Segment.FileRegion region) {
                    if (remotes.has(region.entry())) {
                        bytes.writeBytes(fetched.next());
                    } else if (open != null && open.entry() == region.entry()) {
                        readFully(open.open().channel(), region.offset(), region.length(), bytes);
                    } else {
                        readSmall(row, region, bytes);
                    }
                }
            }
            return bytes;
        } catch (IOException | RuntimeException failed) {
            bytes.release();
            throw failed;
        }
    }

    private static void readSmall(EntrySource.Row row, Segment.FileRegion region, ByteBuf bytes) throws IOException {
        try (OpenEntry entry = row.open(region.entry())) {
            readFully(entry.channel(), region.offset(), region.length(), bytes);
            entry.recheck();
        }
    }

    /** Worker thread. */
    static void readFully(FileChannel channel, long position, long length, ByteBuf bytes) throws IOException {
        long at = position;
        long end = position + length;
        while (at < end) {
            int read = bytes.writeBytes(channel, at, (int) (end - at));
            if (read < 0) {
                throw new EOFException("The file ended " + (end - at) + " bytes early");
            }
            at += read;
        }
    }

    private static ByteBuf allocate(List<Segment> segments) {
        long length = segments.stream().mapToLong(Segment::length).sum();
        return PooledByteBufAllocator.DEFAULT.directBuffer(Math.toIntExact(length));
    }
}
