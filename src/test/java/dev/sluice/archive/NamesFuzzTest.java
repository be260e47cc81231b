package dev.sluice.archive;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** Whatever a file is called, and whatever a client asks for: the name leads nowhere outside, and no two files share one. */
class NamesFuzzTest {
    /** Two paths, separated by the first line feed. */
    @FuzzTest(maxDuration = "1m")
    void namesStayInsideAndApart(byte[] input) throws IOException {
        // Also those that no well-formed UTF-8 can be: two bytes are one code unit when the first byte says so.
        String text = input.length > 0 && input[0] == 0
                ? new String(input, StandardCharsets.UTF_16BE)
                : new String(input, StandardCharsets.UTF_8);
        String[] paths = text.split("\n", 2);
        Optional<EntryName> first = archived(paths[0]);
        Optional<EntryName> second = archived(paths[paths.length - 1]);
        if (first.isPresent() && second.isPresent()) {
            assertThat(first.equals(second)).isEqualTo(paths[0].equals(paths[paths.length - 1]));
        }
        for (String path : paths) {
            parsed(path);
        }
    }

    private static Optional<EntryName> archived(String path) throws IOException {
        EntryName name;
        try {
            name = EntryName.archived(path);
        } catch (IllegalArgumentException noPathOfALinuxDisk) {
            boolean relative = !path.isEmpty() && !path.startsWith("/") && !path.endsWith("/") && !path.contains("//");
            assertThat(!relative || path.length() * 9 > 65_534).isTrue();
            return Optional.empty();
        }
        assertThat(name.value()).doesNotStartWith("/").doesNotContain("\\").doesNotMatch("[A-Za-z]:.*");
        assertThat(name.value().split("/", -1)).noneMatch(segment -> segment.matches("[. ]*"));
        assertThat(name.value().codePoints()).noneMatch(c -> EntryName.isControl(c) || EntryName.isSurrogate(c));
        Sample sample = new Sample().file(path, new byte[0], 0644);
        byte[] zip = sample.bytes(sample.zip());
        try (ZipInputStream reader = new ZipInputStream(new ByteArrayInputStream(zip), StandardCharsets.UTF_8)) {
            ZipEntry entry = reader.getNextEntry();
            assertThat(entry.getName()).isEqualTo(name.value());
            assertThat(reader.getNextEntry()).isNull();
        }
        return Optional.of(name);
    }

    /** A second look, by other means than the parser's. */
    private static void parsed(String untrusted) {
        try {
            assertThat(EntryName.parse(untrusted).value()).isEqualTo(untrusted);
        } catch (InvalidEntryName refused) {
            return;
        }
        assertThat(untrusted).doesNotStartWith("/").doesNotContain("\\", "\0", "\r", "\n");
        assertThat(Arrays.asList(untrusted.split("/", -1))).doesNotContain("", ".", "..");
        assertThat(new String(untrusted.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
                .isEqualTo(untrusted);
    }
}
