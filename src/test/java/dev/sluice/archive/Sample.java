package dev.sluice.archive;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Entries with their contents, and the simplest sender there can be: it walks the segments and writes each. */
final class Sample {
    static final Instant MODIFIED = Instant.parse("2024-03-05T06:07:08Z");

    private final List<Entry> entries = new ArrayList<>();
    private final List<byte[]> contents = new ArrayList<>();
    private final List<byte[]> stored = new ArrayList<>();

    Sample file(String name, byte[] content, int mode) {
        return add(Entry.stored(EntryName.archived(name), content.length, MODIFIED, mode), content, content);
    }

    Sample deflated(String name, byte[] content, int mode) {
        byte[] deflated = deflate(content);
        EntryName entryName = EntryName.archived(name);
        return add(Entry.deflated(entryName, content.length, deflated.length, MODIFIED, mode), content, deflated);
    }

    Sample directory(String name, int mode) {
        return add(Entry.directory(EntryName.archived(name), MODIFIED, mode), new byte[0], new byte[0]);
    }

    Sample add(Entry entry, byte[] content, byte[] storedContent) {
        entries.add(entry);
        contents.add(content);
        stored.add(storedContent);
        return this;
    }

    List<Entry> entries() {
        return entries;
    }

    byte[] content(int entry) {
        return contents.get(entry);
    }

    ArchiveLayout zip() {
        return ArchiveLayout.zip(entries);
    }

    ArchiveLayout tar() {
        return ArchiveLayout.tar(entries);
    }

    byte[] bytes(ArchiveLayout layout) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        write(layout, out);
        return out.toByteArray();
    }

    Path write(ArchiveLayout layout, Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            write(layout, out);
        }
        return file;
    }

    private void write(ArchiveLayout layout, OutputStream out) {
        Iterator<Segment> segments = layout.segments();
        while (segments.hasNext()) {
            try {
                out.write(bytes(segments.next()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    byte[] bytes(Segment segment) {
        if (segment instanceof Segment.FileRegion region) {
            int from = Math.toIntExact(region.offset());
            return Arrays.copyOfRange(stored.get(region.entry()), from, from + Math.toIntExact(region.length()));
        }
        return ((Segment.Bytes) segment).render(this::crc32);
    }

    int crc32(int entry) {
        CRC32 crc32 = new CRC32();
        crc32.update(contents.get(entry));
        return (int) crc32.getValue();
    }

    static byte[] deflate(byte[] content) {
        Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
        try {
            deflater.setInput(content);
            deflater.finish();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] buffer = new byte[8192];
            while (!deflater.finished()) {
                out.write(buffer, 0, deflater.deflate(buffer));
            }
            return out.toByteArray();
        } finally {
            deflater.end();
        }
    }
}
