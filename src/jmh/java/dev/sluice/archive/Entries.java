package dev.sluice.archive;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Files as a training leaves them: many small, few large, of which none is read here. */
final class Entries {
    private static final Instant FIRST = Instant.parse("2026-11-21T12:00:00Z");
    private static final double LARGEST_AS_POWER_OF_TWO = 26;

    private Entries() {}

    /** The same ones each time. */
    static List<Entry> of(int count) {
        Random random = new Random(count);
        List<Entry> entries = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            long size = (long) Math.pow(2, random.nextDouble() * LARGEST_AS_POWER_OF_TWO);
            entries.add(Entry.stored(EntryName.archived(path(i)), size, FIRST.plusSeconds(i), 0644));
        }
        return List.copyOf(entries);
    }

    static String path(int i) {
        return "checkpoint-%05d/shards/model-%05d-of-00016.safetensors".formatted(i / 16 * 500, i % 16);
    }
}
