package dev.sluice.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives whose size is the point: many entries, long names, offsets beyond 4 GiB. */
class LargeArchiveTest {
    private static final int MANY = 70_000;
    private static final long HUGE = 9_000_000_000L;
    private static final byte[] AFTER = "after the huge one\n".getBytes(UTF_8);

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir
    Path directory;

    @Test
    void longNamesAreNotMaterialisedByTheLayout() {
        List<EntryName> some =
                IntStream.range(0, 100).mapToObj(LargeArchiveTest::longestName).toList();
        List<Entry> entries = List.copyOf(IntStream.range(0, MANY)
                .mapToObj(i -> Entry.stored(some.get(i % 100), i % 3, Sample.MODIFIED, 0644))
                .toList());
        long names = (long) MANY * 4089;

        long before = allocated();
        ArchiveLayout zip = ArchiveLayout.zip(entries);
        assertThat(allocated() - before).isLessThan(names / 10);
        assertThat(zip.length()).isGreaterThan(2 * names);

        // Loads the classes, which allocates more than they do.
        onlyBytes(zip.slice(0, 1)).render(entry -> 0);
        before = allocated();
        byte[] end = onlyBytes(zip.slice(zip.length() - 22, zip.length())).render(entry -> 0);
        assertThat(allocated() - before).isLessThan(32 * 1024);
        assertThat(end).startsWith('P', 'K', 5, 6);

        before = allocated();
        Segment.Bytes middle = onlyBytes(zip.slice(names + 50_000_000, names + 50_000_100));
        assertThat(allocated() - before).isLessThan(32 * 1024);
        assertThat(middle.lastEntry() - middle.firstEntry()).isLessThanOrEqualTo(1);
    }

    @Test
    void theCentralDirectoryComesInChunksThatWaitForFewCrcs() {
        ArchiveLayout zip = ArchiveLayout.zip(IntStream.range(0, MANY)
                .mapToObj(i -> Entry.stored(EntryName.parse("d/file-" + i), 1, Sample.MODIFIED, 0644))
                .toList());

        List<Segment.Bytes> chunks = new ArrayList<>();
        zip.segments().forEachRemaining(segment -> {
            if (segment instanceof Segment.Bytes bytes && bytes.firstEntry() < bytes.lastEntry()) {
                chunks.add(bytes);
            }
        });
        int last = -1;
        for (Segment.Bytes chunk : chunks) {
            assertThat(chunk.length()).isLessThanOrEqualTo(Segment.Bytes.MAX_LENGTH);
            // The same again where a chunk ends within a CRC-32.
            assertThat(chunk.firstEntry()).isBetween(last, last + 1);
            assertThat(chunk.lastEntry()).isLessThan(chunk.firstEntry() + 1500);
            last = chunk.lastEntry();
        }
        assertThat(last).isEqualTo(MANY - 1);
    }

    @Test
    void moreEntriesThanSixteenBitsCountAreReadByAll() throws IOException, InterruptedException {
        Sample sample = new Sample();
        IntStream.range(0, MANY).forEach(i -> sample.file("d/" + i, new byte[i % 3], 0644));
        Path zip = sample.write(sample.zip(), directory.resolve("many.zip"));

        try (ZipFile file = new ZipFile(zip.toFile())) {
            assertThat(file.size()).isEqualTo(MANY);
            assertThat(file.getEntry("d/69999")).isNotNull();
        }
        new ExternalTool("unzip").run(directory, "-tqq", zip).succeeded();
        new ExternalTool("7z").run(directory, "t", "-bd", zip).succeeded();
        new ExternalTool("bsdtar").run(directory, "-tf", zip).succeeded();
        String script = "import sys, zipfile; assert len(zipfile.ZipFile(sys.argv[1]).namelist()) == 70000";
        new ExternalTool("python3").run(directory, "-c", script, zip).succeeded();
    }

    @Test
    void whatFollowsAHugeFileInAZipIsFoundByAll() throws IOException, InterruptedException {
        Path zip = writeSparse(ArchiveLayout.zip(hugeThenSmall()), directory.resolve("huge.zip"));

        try (ZipFile file = new ZipFile(zip.toFile());
                InputStream in = file.getInputStream(file.getEntry("after.txt"))) {
            assertThat(file.getEntry("huge.bin").getSize()).isEqualTo(HUGE);
            assertThat(in.readAllBytes()).isEqualTo(AFTER);
        }
        try (var file = org.apache.commons.compress.archivers.zip.ZipFile.builder()
                        .setPath(zip)
                        .get();
                InputStream in = file.getInputStream(file.getEntry("after.txt"))) {
            assertThat(in.readAllBytes()).isEqualTo(AFTER);
        }
        String after = new String(AFTER, UTF_8);
        assertThat(new ExternalTool("unzip")
                        .run(directory, "-p", zip, "after.txt")
                        .succeeded()
                        .output())
                .isEqualTo(after);
        assertThat(new ExternalTool("7z")
                        .run(directory, "e", "-so", zip, "after.txt")
                        .succeeded()
                        .output())
                .contains(after);
        String script = "import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).read('after.txt').decode(), end='')";
        assertThat(new ExternalTool("python3")
                        .run(directory, "-c", script, zip)
                        .succeeded()
                        .output())
                .isEqualTo(after);
    }

    @Test
    void whatFollowsAHugeFileInATarIsFoundByAll() throws IOException, InterruptedException {
        Path tar = writeSparse(ArchiveLayout.tar(hugeThenSmall()), directory.resolve("huge.tar"));

        for (String program : List.of("tar", "bsdtar")) {
            ExternalTool.Run run =
                    new ExternalTool(program).run(directory, "-tvf", tar).succeeded();
            assertThat(run.output().lines()).hasSize(2);
            assertThat(run.output()).contains(Long.toString(HUGE)).contains("after.txt");
        }
        String script = "import sys, tarfile; t = tarfile.open(sys.argv[1]); "
                + "print(t.extractfile('after.txt').read().decode(), end='')";
        assertThat(new ExternalTool("python3")
                        .run(directory, "-c", script, tar)
                        .succeeded()
                        .output())
                .isEqualTo(new String(AFTER, UTF_8));
    }

    private static List<Entry> hugeThenSmall() {
        return List.of(
                Entry.stored(EntryName.parse("huge.bin"), HUGE, Sample.MODIFIED, 0644),
                Entry.stored(EntryName.parse("after.txt"), AFTER.length, Sample.MODIFIED, 0644));
    }

    /** The huge file is all zeros and stays a hole. Its CRC-32 is not looked at: nobody reads it. */
    private static Path writeSparse(ArchiveLayout layout, Path file) throws IOException {
        CRC32 crc32 = new CRC32();
        crc32.update(AFTER);
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            Iterator<Segment> segments = layout.segments();
            while (segments.hasNext()) {
                Segment segment = segments.next();
                if (segment instanceof Segment.Bytes bytes) {
                    out.write(ByteBuffer.wrap(bytes.render(entry -> entry == 1 ? (int) crc32.getValue() : 0)));
                } else if (((Segment.FileRegion) segment).entry() == 1) {
                    out.write(ByteBuffer.wrap(AFTER));
                } else {
                    out.position(out.position() + segment.length());
                }
            }
        }
        assertThat(Files.size(file)).isEqualTo(layout.length());
        return file;
    }

    private static EntryName longestName(int i) {
        String name = "%09d/".formatted(i) + ("x".repeat(254) + "/").repeat(16);
        return EntryName.archived(name.substring(0, 4089));
    }

    private static Segment.Bytes onlyBytes(ArchiveLayout layout) {
        Iterator<Segment> segments = layout.segments();
        Segment.Bytes bytes = (Segment.Bytes) segments.next();
        if (segments.hasNext()) {
            throw new AssertionError("more than one segment");
        }
        return bytes;
    }

    private static long allocated() {
        return THREADS.getCurrentThreadAllocatedBytes();
    }
}
