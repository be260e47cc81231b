package dev.sluice.delivery;

import dev.sluice.archive.Segment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.IntSupplier;
import java.util.function.IntToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Cuts segments into steps of a size that a worker or a socket takes at once. The last step of all is always a gathered
 * one, so that a body's last bytes can be held back until every file it was read from has proved unchanged. Pure.
 */
final class Steps implements Iterator<Steps.Step> {
    /** Files up to this size are read rather than sent as regions: a descriptor's life costs more than a copy. Bytes. */
    static final int SMALL = 64 << 10;

    /** What to do next. */
    sealed interface Step {}

    /**
     * Bytes of one entry's file, to be sent as they lie there.
     *
     * @param until offset in the file at which the slice leaves it; some of the last bytes may be gathered
     */
    record Region(int entry, long offset, long length, long until) implements Step {
        long end() {
            return offset + length;
        }
    }

    /** Headers and small files in a row, to be put together in memory. */
    record Gathered(List<Segment> segments) implements Step {}

    private final Iterator<Segment> segments;
    private final Deque<Segment> ahead = new ArrayDeque<>(2);
    private final IntToLongFunction maxRegion;
    private final IntSupplier maxGathered;

    /**
     * Both limits are asked for at each step.
     *
     * @param maxRegion largest region step of an entry, in bytes
     * @param maxGathered what one step gathers at most, give or take one segment, in bytes
     */
    Steps(Iterator<Segment> segments, IntToLongFunction maxRegion, IntSupplier maxGathered) {
        this.segments = segments;
        this.maxRegion = maxRegion;
        this.maxGathered = maxGathered;
    }

    @Override
    public boolean hasNext() {
        return peek() != null;
    }

    @Override
    public Step next() {
        Segment head = take();
        // Asked once, for the answer may change from one call to the next.
        int limit = maxGathered.getAsInt();
        int small = Math.min(SMALL, limit);
        return isLarge(head, small) ? cut((Segment.FileRegion) head, small) : gather(head, small, limit);
    }

    private Region cut(Segment.FileRegion region, int small) {
        long heldBack = peek() == null ? small : 0;
        long length = Math.min(maxRegion.applyAsLong(region.entry()), region.length() - heldBack);
        if (length < region.length()) {
            ahead.addFirst(new Segment.FileRegion(region.entry(), region.offset() + length, region.length() - length));
        }
        return new Region(region.entry(), region.offset(), length, region.offset() + region.length());
    }

    private Gathered gather(Segment head, int small, int limit) {
        List<Segment> gathered = new ArrayList<>();
        gathered.add(head);
        long total = head.length();
        for (Segment next = peek(); next != null && total < limit; next = peek()) {
            if (isLarge(next, small) || precedesLarge(next, small)) {
                break;
            }
            gathered.add(take());
            total += next.length();
        }
        return new Gathered(gathered);
    }

    /**
     * Whether it is the header of a large file: it goes by itself, because its checksum may take the reading of gigabytes, and what is
     * small comes before them.
     */
    private boolean precedesLarge(Segment next, int small) {
        if (!(next instanceof Segment.Bytes header) || !header.needsCrc32()) {
            return false;
        }
        if (ahead.size() == 1 && segments.hasNext()) {
            ahead.addLast(segments.next());
        }
        return ahead.size() > 1 && isLarge(ahead.getLast(), small);
    }

    private static boolean isLarge(Segment segment, int small) {
        return segment instanceof Segment.FileRegion && segment.length() > small;
    }

    private @Nullable Segment peek() {
        if (ahead.isEmpty() && segments.hasNext()) {
            ahead.addLast(segments.next());
        }
        return ahead.peekFirst();
    }

    private Segment take() {
        if (peek() == null) {
            throw new NoSuchElementException();
        }
        return ahead.removeFirst();
    }
}
