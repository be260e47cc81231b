package dev.sluice.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Properties of random layouts and random slices; {@code -Dsluice.seed=…} repeats a run. */
class SliceTest {
    private static final long SEED = Long.getLong("sluice.seed", System.nanoTime());
    private static final List<Function<Sample, ArchiveLayout>> FORMATS =
            List.of(Sample::zip, Sample::tar, sample -> ArchiveLayout.file(sample.content(0).length));

    private final Random random = new Random(SEED);

    @BeforeAll
    static void printSeed() {
        System.out.println("sluice.seed=" + SEED);
    }

    @Test
    void everySliceIsThatSliceOfTheWhole() {
        forEachLayout((sample, layout, whole) -> {
            for (int i = 0; i < 60; i++) {
                int from = random.nextInt(whole.length + 1);
                int to = from + random.nextInt(whole.length - from + 1);
                assertSlice(sample, layout.slice(from, to), whole, from, to);
            }
        });
    }

    @Test
    void aSliceOfASliceIsThatSliceOfTheWhole() {
        forEachLayout((sample, layout, whole) -> {
            ArchiveLayout slice = layout;
            int from = 0;
            for (int depth = 0; depth < 5; depth++) {
                int cut = random.nextInt((int) slice.length() / 4 + 1);
                int end = (int) slice.length() - random.nextInt((int) (slice.length() - cut) / 4 + 1);
                slice = slice.slice(cut, end);
                from += cut;
                assertSlice(sample, slice, whole, from, from + end - cut);
            }
        });
    }

    @Test
    void singleBytesJoinToTheWhole() {
        Sample sample = allStored(randomSample(6));
        for (ArchiveLayout layout : List.of(sample.zip(), sample.tar())) {
            ByteArrayOutputStream joined = new ByteArrayOutputStream();
            for (int i = 0; i < layout.length(); i++) {
                joined.writeBytes(sample.bytes(layout.slice(i, i + 1)));
            }
            assertThat(joined.toByteArray()).as("seed %d", SEED).isEqualTo(sample.bytes(layout));
        }
    }

    @Test
    void anEmptySliceHasNoSegments() {
        forEachLayout((sample, layout, whole) -> {
            int at = random.nextInt(whole.length + 1);
            Iterator<Segment> segments = layout.slice(at, at).segments();
            assertThat(segments.hasNext()).isFalse();
            assertThatThrownBy(segments::next).isInstanceOf(NoSuchElementException.class);
        });
    }

    @Test
    void aSliceBeyondTheLayoutIsRefused() {
        ArchiveLayout layout = ArchiveLayout.file(10).slice(2, 8);

        assertThatThrownBy(() -> layout.slice(0, 7)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> layout.slice(-1, 3)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> layout.slice(4, 3)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void bytesAskForExactlyTheCrcsTheyAnnounce() {
        forEachLayout((sample, layout, whole) -> {
            for (int i = 0; i < 30; i++) {
                int from = random.nextInt(whole.length + 1);
                int to = Math.min(whole.length, from + random.nextInt(200));
                for (Segment segment : segments(layout.slice(from, to))) {
                    if (segment instanceof Segment.Bytes bytes) {
                        assertAsksWhatItAnnounces(sample, bytes);
                    }
                }
            }
        });
    }

    private static void assertAsksWhatItAnnounces(Sample sample, Segment.Bytes bytes) {
        TreeSet<Integer> asked = new TreeSet<>();
        bytes.render(entry -> {
            asked.add(entry);
            return 0;
        });
        assertThat(bytes.needsCrc32()).isEqualTo(!asked.isEmpty());
        if (asked.isEmpty()) {
            assertThat(bytes.firstEntry()).isGreaterThan(bytes.lastEntry());
            assertThat(bytes.lastEntry()).isEqualTo(-1);
        } else {
            assertThat(bytes.firstEntry()).as("seed %d", SEED).isEqualTo(asked.first());
            assertThat(bytes.lastEntry()).as("seed %d", SEED).isEqualTo(asked.last());
            assertThat(asked).noneMatch(entry -> sample.entries().get(entry).isEmpty());
        }
    }

    private static void assertSlice(Sample sample, ArchiveLayout slice, byte[] whole, int from, int to) {
        assertThat(slice.length()).isEqualTo(to - from);
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (Segment segment : segments(slice)) {
            assertThat(segment.length()).as("seed %d", SEED).isPositive();
            if (segment instanceof Segment.FileRegion region) {
                assertThat(region.offset()).isNotNegative();
                assertThat(region.offset() + region.length())
                        .isLessThanOrEqualTo(
                                sample.entries().get(region.entry()).storedSize());
            } else {
                assertThat(segment.length()).isLessThanOrEqualTo(Segment.Bytes.MAX_LENGTH);
            }
            byte[] bytes = sample.bytes(segment);
            assertThat((long) bytes.length).isEqualTo(segment.length());
            joined.writeBytes(bytes);
        }
        assertThat(joined.toByteArray())
                .as("seed %d, [%d, %d) of %d", SEED, from, to, whole.length)
                .isEqualTo(Arrays.copyOfRange(whole, from, to));
    }

    private static List<Segment> segments(ArchiveLayout layout) {
        List<Segment> segments = new ArrayList<>();
        layout.segments().forEachRemaining(segments::add);
        return segments;
    }

    private interface Property {
        void check(Sample sample, ArchiveLayout layout, byte[] whole);
    }

    private void forEachLayout(Property property) {
        for (int i = 0; i < 60; i++) {
            // The last has a central directory of several segments.
            Sample sample = randomSample(i < 59 ? 1 + random.nextInt(20) : 600);
            Function<Sample, ArchiveLayout> format = FORMATS.get(i < 59 ? i % FORMATS.size() : 0);
            Sample fitting = format == FORMATS.get(0) ? sample : allStored(sample);
            ArchiveLayout layout = format.apply(fitting);
            property.check(fitting, layout, fitting.bytes(layout));
        }
    }

    private static Sample allStored(Sample sample) {
        Sample stored = new Sample();
        for (int i = 0; i < sample.entries().size(); i++) {
            Entry entry = sample.entries().get(i);
            byte[] content = sample.content(i);
            Entry plain = entry.isDirectory()
                    ? entry
                    : Entry.stored(entry.name(), content.length, entry.modified(), entry.mode());
            stored.add(plain, content, content);
        }
        return stored;
    }

    private Sample randomSample(int count) {
        Sample sample = new Sample();
        for (int i = 0; i < count; i++) {
            EntryName name = EntryName.archived(i + "/" + randomName());
            Instant modified = Instant.ofEpochSecond(random.nextLong(-10_000_000_000L, 20_000_000_000L));
            byte[] content = new byte[random.nextInt(4) == 0 ? 0 : random.nextInt(1500)];
            random.nextBytes(content);
            int mode = random.nextInt(07777 + 1);
            switch (random.nextInt(3)) {
                case 0 -> sample.add(Entry.directory(name, modified, mode), new byte[0], new byte[0]);
                case 1 -> sample.add(Entry.stored(name, content.length, modified, mode), content, content);
                default -> {
                    byte[] deflated = Sample.deflate(content);
                    sample.add(
                            Entry.deflated(name, content.length, deflated.length, modified, mode), content, deflated);
                }
            }
        }
        return sample;
    }

    private String randomName() {
        String alphabet = random.nextBoolean() ? "abc.%5C" : "aö中😀";
        int[] letters = alphabet.codePoints().toArray();
        StringBuilder name = new StringBuilder();
        int segments = 1 + random.nextInt(4);
        for (int segment = 0; segment < segments; segment++) {
            name.append(segment == 0 ? "" : "/").append('n');
            random.ints(random.nextInt(60), 0, letters.length).forEach(i -> name.appendCodePoint(letters[i]));
        }
        return name.toString();
    }
}
