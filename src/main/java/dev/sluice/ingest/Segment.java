package dev.sluice.ingest;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** A range of the file that one response fills from its start on. Written by one thread at a time, read by any. */
final class Segment {
    /** The end of a file whose length the upstream did not tell. */
    static final long OPEN_END = Long.MAX_VALUE;

    private final long start;
    private final long end;
    private final AtomicLong position;

    /** @param position up to which its bytes are written, exclusive */
    Segment(long start, long position, long end) {
        this.start = start;
        this.position = new AtomicLong(position);
        this.end = end;
    }

    long start() {
        return start;
    }

    /** Exclusive. */
    long end() {
        return end;
    }

    long position() {
        return position.get();
    }

    void wrote(long bytes) {
        position.addAndGet(bytes);
    }

    boolean complete() {
        return position.get() == end;
    }

    Segment copy() {
        return new Segment(start, position.get(), end);
    }

    /** A file of so many bytes in so many ranges of about the same length. */
    static List<Segment> cut(long total, int ranges) {
        List<Segment> cut = new ArrayList<>();
        long start = 0;
        for (int i = 1; i <= ranges; i++) {
            long end = total / ranges * i + (i == ranges ? total % ranges : 0);
            cut.add(new Segment(start, start, end));
            start = end;
        }
        return cut;
    }
}
