package dev.sluice.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What goes out together, and what it waits for. */
class SegmentTest {
    private static final byte[] CONTENT = {1, 2, 3};

    @Test
    void nothingWaitsForTheCrcOfALaterEntry() {
        Sample sample = new Sample()
                .directory("d", 0755)
                .file("empty", new byte[0], 0644)
                .file("a", CONTENT, 0644)
                .file("b", CONTENT, 0644)
                .deflated("empty too", new byte[0], 0644);

        List<Segment> segments = segments(sample.zip());
        assertThat(segments.stream().map(SegmentTest::describe))
                .containsExactly(
                        "no crc", // both empty entries
                        "crc 2..2",
                        "file 2",
                        "crc 3..3",
                        "file 3",
                        "no crc",
                        "file 4", // an empty deflate stream is two bytes
                        "crc 2..3"); // central directory and end
    }

    private static List<Segment> segments(ArchiveLayout layout) {
        List<Segment> segments = new ArrayList<>();
        layout.segments().forEachRemaining(segments::add);
        return segments;
    }

    private static String describe(Segment segment) {
        if (segment instanceof Segment.Bytes bytes) {
            return bytes.needsCrc32() ? "crc " + bytes.firstEntry() + ".." + bytes.lastEntry() : "no crc";
        }
        return "file " + ((Segment.FileRegion) segment).entry();
    }

    @Test
    void headersOfEmptyFilesShareASegment() {
        Sample sample = new Sample();
        for (int i = 0; i < 100; i++) {
            sample.file("empty-" + i, new byte[0], 0644);
        }

        assertThat(segments(sample.zip())).hasSize(2);
        assertThat(segments(sample.tar())).hasSize(1);
    }

    @Test
    void paddingSharesASegmentWithTheNextHeaderOfATar() {
        Sample sample = new Sample().file("a", CONTENT, 0644).file("b", CONTENT, 0644);

        List<Segment> segments = segments(sample.tar());
        assertThat(segments.stream().map(SegmentTest::describe))
                .containsExactly("no crc", "file 0", "no crc", "file 1", "no crc");
        assertThat(segments.get(2).length()).isEqualTo(509 + 512);
    }

    @Test
    void aFileIsOneRegion() {
        assertThat(segments(ArchiveLayout.file(9_000_000_000L)))
                .containsExactly(new Segment.FileRegion(0, 0, 9_000_000_000L));
        assertThat(segments(ArchiveLayout.file(9_000_000_000L).slice(8_000_000_000L, 8_000_000_001L)))
                .containsExactly(new Segment.FileRegion(0, 8_000_000_000L, 1));
        assertThat(segments(ArchiveLayout.file(0))).isEmpty();
    }

    @Test
    void aSliceWithinAHeaderWaitsOnlyIfItTouchesTheCrc() {
        Sample sample = new Sample().file("a", CONTENT, 0644);

        assertThat(describe(segments(sample.zip().slice(0, 14)).get(0))).isEqualTo("no crc");
        assertThat(describe(segments(sample.zip().slice(14, 15)).get(0))).isEqualTo("crc 0..0");
        assertThat(describe(segments(sample.zip().slice(17, 18)).get(0))).isEqualTo("crc 0..0");
        assertThat(describe(segments(sample.zip().slice(18, 30)).get(0))).isEqualTo("no crc");
    }
}
