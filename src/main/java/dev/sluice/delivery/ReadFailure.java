package dev.sluice.delivery;

import dev.sluice.archive.ArchiveLayout;
import dev.sluice.archive.Segment;
import dev.sluice.storage.BlobMissing;
import dev.sluice.storage.StorageFailure;
import dev.sluice.storage.StoreUnavailable;
import java.io.EOFException;
import java.io.IOException;
import java.util.Iterator;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** That the disk did not give what it holds, as opposed to content that somebody has changed. */
final class ReadFailure {
    /** What may have left the source and not yet arrived at the socket: two pieces. Bytes. */
    private static final long AHEAD = 8 << 20;

    /** Of many small entries only the first are looked at; the next download finds the next. */
    private static final int MOST_SUSPECTS = 64;

    private ReadFailure() {}

    static boolean is(@Nullable Throwable failure) {
        @Nullable
        Throwable root = causes(failure).reduce((outer, inner) -> inner).orElse(null);
        boolean changed = root instanceof EOFException
                || (root instanceof StorageFailure && !(root instanceof BlobMissing))
                || (root != null && String.valueOf(root.getMessage()).startsWith("Underlying file size"));
        return root instanceof IOException && !changed && !isOfStore(failure);
    }

    /** That a store elsewhere did not answer, which says nothing about what it holds. */
    static boolean isOfStore(@Nullable Throwable failure) {
        return causes(failure).anyMatch(StoreUnavailable.class::isInstance);
    }

    private static Stream<Throwable> causes(@Nullable Throwable failure) {
        return Stream.iterate(failure, cause -> cause != null, Throwable::getCause);
    }

    /** The entries that may have been read when it happened: those from the last byte that arrived on. */
    static Set<Integer> suspects(ArchiveLayout slice, long written) {
        Set<Integer> entries = new TreeSet<>();
        Iterator<Segment> segments =
                slice.slice(written, Math.min(slice.length(), written + AHEAD)).segments();
        while (segments.hasNext() && entries.size() < MOST_SUSPECTS) {
            if (segments.next() instanceof Segment.FileRegion region) {
                entries.add(region.entry());
            }
        }
        return entries;
    }
}
