package dev.sluice.archive;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How a path is laid out in the fields of ustar (POSIX.1-2001, "ustar Interchange Format"), which every extractor reads. */
class TarPathsTest {
    private static final int BLOCK = 512;

    /** What the fields say, and whether a pax record before them says it better. */
    private record Ustar(boolean pax, String prefix, String name) {}

    @Test
    void aPathOfUpToAHundredBytesIsTheName() {
        assertThat(file("n".repeat(100))).isEqualTo(new Ustar(false, "", "n".repeat(100)));
        assertThat(file("a/" + "n".repeat(98))).isEqualTo(new Ustar(false, "", "a/" + "n".repeat(98)));
        assertThat(directory("n".repeat(99))).isEqualTo(new Ustar(false, "", "n".repeat(99) + "/"));
    }

    @Test
    void aLongerOneIsSplitWhereverBothPartsFit() {
        String prefix = "p".repeat(155);
        String name = "n".repeat(100);
        assertThat(file("a/" + name)).isEqualTo(new Ustar(false, "a", name));
        assertThat(file(prefix + "/n")).isEqualTo(new Ustar(false, prefix, "n"));
        assertThat(file(prefix + "/" + name)).isEqualTo(new Ustar(false, prefix, name));
        assertThat(file("d/".repeat(100) + "deep"))
                .isEqualTo(new Ustar(false, "d/".repeat(77) + "d", "d/".repeat(22) + "deep"));
    }

    /** The '/' that ends a directory's path belongs to the name. */
    @Test
    void aDirectoryIsSplitBeforeItsLastSegment() {
        String prefix = "p".repeat(155);
        String last = "n".repeat(99);
        assertThat(directory("p/" + last)).isEqualTo(new Ustar(false, "p", last + "/"));
        assertThat(directory(prefix + "/" + last)).isEqualTo(new Ustar(false, prefix, last + "/"));
        assertThat(directory("n".repeat(154))).isEqualTo(new Ustar(true, "", "n".repeat(100)));
        assertThat(directory(prefix)).isEqualTo(new Ustar(true, "", "p".repeat(100)));
    }

    @Test
    void oneThatCannotBeSplitSoHasAPaxRecordAndItsBeginningAsTheName() {
        String name = "n".repeat(101);
        assertThat(file(name)).isEqualTo(new Ustar(true, "", "n".repeat(100)));
        assertThat(file("p".repeat(155) + "/" + name)).isEqualTo(new Ustar(true, "", "p".repeat(100)));
        assertThat(file("p".repeat(156) + "/n")).isEqualTo(new Ustar(true, "", "p".repeat(100)));
    }

    /** A name that ended in '/' would be taken for a directory. */
    @Test
    void theBeginningOfAFilesPathNeverEndsInASlash() {
        assertThat(file("q".repeat(99) + "/" + "n".repeat(101))).isEqualTo(new Ustar(true, "", "q".repeat(99)));
        assertThat(file("q".repeat(98) + "/" + "n".repeat(101))).isEqualTo(new Ustar(true, "", "q".repeat(98) + "/n"));
    }

    @Test
    void otherScriptsHaveAPaxRecordAndNameWhatCanBeNamed() {
        assertThat(file("größe/模型.bin")).isEqualTo(new Ustar(true, "", "gr__e/__.bin"));
    }

    private static Ustar file(String path) {
        return fields(new Sample().file(path, new byte[0], 0644));
    }

    private static Ustar directory(String path) {
        return fields(new Sample().directory(path, 0755));
    }

    private static Ustar fields(Sample one) {
        byte[] tar = one.bytes(one.tar());
        boolean pax = tar[156] == 'x';
        int records = pax ? Integer.parseInt(text(tar, 124, 12), 8) : 0;
        int header = pax ? BLOCK + (records + BLOCK - 1) / BLOCK * BLOCK : 0;
        return new Ustar(pax, text(tar, header + 345, 155), text(tar, header, 100));
    }

    /** A field ends with its first NUL. */
    private static String text(byte[] tar, int at, int width) {
        String field = new String(tar, at, width, US_ASCII);
        int end = field.indexOf(0);
        return end < 0 ? field : field.substring(0, end);
    }
}
