package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.archive.ArchiveLayout;
import dev.sluice.archive.Entry;
import dev.sluice.archive.EntryName;
import dev.sluice.archive.Segment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StepsTest {
    private static final long MAX_REGION = 300_000;
    private static final int MAX_GATHERED = 256 << 10;

    /** One byte run of the body, as it would be sent. */
    private record Sent(int entry, long offset, long length) {}

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void stepsHoldEveryByteOnceInOrder(long seed) {
        Random random = new Random(seed);
        ArchiveLayout zip = zip(random, 40);
        for (int i = 0; i < 200; i++) {
            long from = (long) (random.nextDouble() * zip.length());
            long to = from + (long) (random.nextDouble() * (zip.length() - from + 1));
            ArchiveLayout slice = zip.slice(from, Math.min(to, zip.length()));
            holds(slice, () -> MAX_GATHERED);
        }
        holds(zip, () -> MAX_GATHERED);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void stepsHoldEveryByteOnceInOrderWhileTheShareOfMemoryChanges(long seed) {
        Random random = new Random(seed);
        ArchiveLayout zip = zip(random, 40);
        for (int i = 0; i < 50; i++) {
            holds(zip, () -> MemoryShare.LEAST + random.nextInt(MemoryShare.MOST - MemoryShare.LEAST));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 65_535, 65_536, 65_537, 300_000, 365_536, 365_537, 5_000_000_000L})
    void theEndOfAFileIsGathered(long length) {
        holds(ArchiveLayout.file(length), () -> MAX_GATHERED);
    }

    @Test
    void nothingHasNoSteps() {
        assertThat(steps(ArchiveLayout.file(0), () -> MAX_GATHERED).hasNext()).isFalse();
    }

    private static void holds(ArchiveLayout layout, IntSupplier maxGathered) {
        List<Sent> planned = new ArrayList<>();
        layout.segments().forEachRemaining(segment -> add(planned, segment));
        List<Sent> sent = new ArrayList<>();
        Steps steps = steps(layout, maxGathered);
        while (steps.hasNext()) {
            Steps.Step step = steps.next();
            if (step instanceof Steps.Region region) {
                assertThat(region.length()).isBetween(1L, MAX_REGION);
                assertThat(steps.hasNext()).as("the last step is gathered").isTrue();
                add(sent, new Segment.FileRegion(region.entry(), region.offset(), region.length()));
            } else {
                List<Segment> segments = ((Steps.Gathered) step).segments();
                long before = segments.stream()
                        .limit(segments.size() - 1)
                        .mapToLong(Segment::length)
                        .sum();
                assertThat(before).isLessThan(MAX_GATHERED);
                segments.forEach(segment -> add(sent, segment));
            }
        }
        assertThat(sent).isEqualTo(planned);
    }

    /** Joins what follows on within one entry; headers count as one entry, whose offsets do not matter. */
    private static void add(List<Sent> sent, Segment segment) {
        Sent next = segment instanceof Segment.FileRegion region
                ? new Sent(region.entry(), region.offset(), region.length())
                : new Sent(-1, 0, segment.length());
        Sent last = sent.isEmpty() ? new Sent(-2, 0, 0) : sent.get(sent.size() - 1);
        if (next.entry() >= 0 && next.entry() == last.entry() && last.offset() + last.length() == next.offset()) {
            sent.set(sent.size() - 1, new Sent(last.entry(), last.offset(), last.length() + next.length()));
        } else {
            sent.add(next);
        }
    }

    private static Steps steps(ArchiveLayout layout, IntSupplier maxGathered) {
        return new Steps(layout.segments(), entry -> MAX_REGION, maxGathered);
    }

    private static ArchiveLayout zip(Random random, int count) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long size = (long) Math.pow(2, random.nextDouble() * 22) - 1;
            entries.add(Entry.stored(EntryName.archived("file-" + i), size, Instant.EPOCH, 0644));
        }
        return ArchiveLayout.zip(entries);
    }
}
