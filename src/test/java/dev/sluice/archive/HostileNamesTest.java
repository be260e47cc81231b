package dev.sluice.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a trainer called its files, whoever extracts the archive gets all of them, inside the chosen directory. */
class HostileNamesTest {
    private static final List<String> NAMES = List.of(
            "../../escaped",
            "x/..",
            "a/../../../escaped",
            "..\\..\\escaped",
            "a\\..\\..\\escaped",
            "\\escaped",
            "\\\\host\\share\\escaped",
            "C:\\escaped",
            "C:escaped",
            "C:/escaped",
            "%2E%2E/escaped",
            "..%5Cescaped",
            "..%2Fescaped",
            ".. /escaped",
            ".../escaped",
            "．．/escaped",
            "~/escaped",
            "$HOME",
            "`id`",
            "-rf",
            "--checkpoint-action=exec=sh",
            "line\nbreak",
            "\u001B[2Jescape",
            "\u0085next line",
            "CON",
            "twin",
            "Twin",
            "tw\u0131n",
            "\u202Eexe.bin");

    @TempDir
    Path directory;

    private Path out;
    private Path zip;
    private Path tar;

    @BeforeEach
    void write() throws IOException {
        Sample sample = new Sample();
        NAMES.forEach(name -> sample.file(name, name.getBytes(UTF_8), 0644));
        // Deep enough that a way up stays below the test's own directory, where it is seen.
        out = Files.createDirectories(directory.resolve("a/b/c/d/out"));
        zip = sample.write(sample.zip(), directory.resolve("sample.zip"));
        tar = sample.write(sample.tar(), directory.resolve("sample.tar"));
    }

    @Test
    void unzipStaysInside() throws IOException, InterruptedException {
        new ExternalTool("unzip").run(out, "-q", zip).succeeded();
        assertAllInside();
    }

    @Test
    void sevenZipStaysInside() throws IOException, InterruptedException {
        new ExternalTool("7z").run(out, "x", "-bd", zip).succeeded();
        assertAllInside();
    }

    @Test
    void bsdtarStaysInsideEvenWhenTold() throws IOException, InterruptedException {
        new ExternalTool("bsdtar").run(out, "-xPf", zip).succeeded();
        assertAllInside();
    }

    @Test
    void bsdtarStaysInsideWithTarsEvenWhenTold() throws IOException, InterruptedException {
        new ExternalTool("bsdtar").run(out, "-xPf", tar).succeeded();
        assertAllInside();
    }

    @Test
    void gnuTarStaysInsideEvenWhenTold() throws IOException, InterruptedException {
        new ExternalTool("tar").run(out, "-xPf", tar).succeeded();
        assertAllInside();
    }

    @Test
    void pythonStaysInside() throws IOException, InterruptedException {
        String script = "import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall()";
        new ExternalTool("python3").run(out, "-c", script, zip).succeeded();
        assertAllInside();
    }

    @Test
    void pythonStaysInsideWithTarsThatItTrusts() throws IOException, InterruptedException {
        String script = """
                import sys, tarfile
                tar = tarfile.open(sys.argv[1])
                tar.extraction_filter = lambda member, path: member
                tar.extractall()
                """;
        new ExternalTool("python3").run(out, "-c", script, tar).succeeded();
        assertAllInside();
    }

    /** Two files on the disk are two in the archive, although some readers (bsdtar, and macOS itself) then make them one. */
    @Test
    void namesThatLookAlikeStayTwo() throws IOException, InterruptedException {
        List<String> twins = List.of("\u00E9", "e\u0301", "TWIN", "twin");
        Sample sample = new Sample();
        twins.forEach(name -> sample.file(name, name.getBytes(UTF_8), 0644));
        Path twinsZip = sample.write(sample.zip(), directory.resolve("twins.zip"));

        new ExternalTool("unzip").run(out, "-q", twinsZip).succeeded();
        for (String name : twins) {
            assertThat(out.resolve(name)).hasBinaryContent(name.getBytes(UTF_8));
        }
    }

    /** As careless Java does it: the name is resolved against the directory and nothing is checked. */
    @Test
    void carelessJavaStaysInside() throws IOException {
        try (ZipFile file = new ZipFile(zip.toFile())) {
            for (ZipEntry entry : file.stream().toList()) {
                Path target = out.resolve(entry.getName());
                Files.createDirectories(target.getParent());
                try (InputStream in = file.getInputStream(entry)) {
                    Files.copy(in, target);
                }
            }
        }
        assertAllInside();
    }

    /** Each file is there, once, with its own content, and nothing new is anywhere else. */
    private void assertAllInside() throws IOException {
        for (String name : NAMES) {
            assertThat(out.resolve(EntryName.archived(name).value())).hasBinaryContent(name.getBytes(UTF_8));
        }
        try (Stream<Path> found = Files.walk(directory)) {
            assertThat(found.filter(Files::isRegularFile).filter(file -> !file.startsWith(out)))
                    .containsExactlyInAnyOrder(zip, tar);
        }
        try (Stream<Path> found = Files.walk(out)) {
            assertThat(found.filter(Files::isRegularFile)).hasSameSizeAs(NAMES);
        }
    }
}
