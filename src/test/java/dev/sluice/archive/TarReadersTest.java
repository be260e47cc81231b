package dev.sluice.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everyone's tar readers accept ours and find in it what went in. */
class TarReadersTest {
    private static final byte[] WEIGHTS = new byte[100_000];

    static {
        new Random(7).nextBytes(WEIGHTS);
    }

    @TempDir
    Path directory;

    private final Sample sample = new Sample()
            .directory("empty", 0750)
            .file("model/empty.bin", new byte[0], 0644)
            .file("model/weights.bin", WEIGHTS, 0644)
            .file("one-block", new byte[512], 0600)
            .file("run.sh", "#!/bin/sh\n".getBytes(UTF_8), 0755)
            .file("größe/模型/😀 (1).bin", WEIGHTS, 0444)
            .file("n".repeat(100), new byte[1], 0644)
            .file("n".repeat(101), new byte[2], 0644)
            .file("p".repeat(155) + "/" + "n".repeat(100), new byte[3], 0644)
            .file("p".repeat(156) + "/" + "n".repeat(100), new byte[4], 0644)
            .file("p".repeat(155) + "/" + "n".repeat(101), new byte[5], 0644)
            .file("q".repeat(99) + "/" + "n".repeat(101), new byte[6], 0644)
            .file("d/".repeat(100) + "deep", new byte[6], 0644)
            .directory("e".repeat(50) + "/" + "f".repeat(99), 0755)
            .directory("e".repeat(99) + "/" + "f".repeat(99), 0755)
            .directory("e".repeat(99) + "/" + "f".repeat(100), 0755)
            .add(old(), new byte[7], new byte[7]);

    private Path tar;

    private static Entry old() {
        return Entry.stored(EntryName.parse("before-1970"), 7, Instant.parse("1969-12-31T23:59:58Z"), 0644);
    }

    @BeforeEach
    void write() throws IOException {
        tar = sample.write(sample.tar(), directory.resolve("sample.tar"));
        assertThat(tar).hasSize(sample.tar().length());
    }

    @Test
    void commonsCompressReadsIt() throws IOException {
        try (TarArchiveInputStream in = new TarArchiveInputStream(Files.newInputStream(tar))) {
            for (int i = 0; i < sample.entries().size(); i++) {
                Entry entry = sample.entries().get(i);
                TarArchiveEntry read = in.getNextEntry();
                assertThat(read.getName()).isEqualTo(entry.isDirectory() ? entry.name() + "/" : entry.name() + "");
                assertThat(read.isCheckSumOK()).isTrue();
                assertThat(read.getMode()).isEqualTo(entry.mode());
                assertThat(read.isDirectory()).isEqualTo(entry.isDirectory());
                assertThat(read.getLastModifiedTime()).isEqualTo(FileTime.from(entry.modified()));
                assertThat(in.readAllBytes()).isEqualTo(sample.content(i));
            }
            assertThat(in.getNextEntry()).isNull();
        }
    }

    @Test
    void gnuTarExtractsItWithModesAndTimes() throws IOException, InterruptedException {
        ExternalTool.Run run = extractWith("tar");
        assertThat(run.output().lines()).allMatch(line -> line.startsWith("tar: before-1970: implausibly old time"));
    }

    @Test
    void bsdtarExtractsItWithModesAndTimes() throws IOException, InterruptedException {
        extractWith("bsdtar");
    }

    @Test
    void pythonExtractsIt() throws IOException, InterruptedException {
        Path out = directory.resolve("out");
        String script = "import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2])";
        new ExternalTool("python3").run(directory, "-c", script, tar, out).succeeded();
        assertExtracted(out);
    }

    @Test
    void sevenZipTestsIt() throws IOException, InterruptedException {
        new ExternalTool("7z").run(directory, "t", "-bd", tar).succeeded();
    }

    @Test
    void aSizeThatOctalCannotSayIsInAPaxRecord() {
        long limit = 8L << 30;
        assertThat(tarOf(limit - 1).length()).isEqualTo(512 + limit + 1024);
        assertThat(tarOf(limit).length()).isEqualTo(512 + 512 + 512 + limit + 1024);
    }

    @Test
    void deflatedContentIsRefused() {
        Sample deflated = new Sample().deflated("training.log", WEIGHTS, 0644);

        assertThatThrownBy(deflated::tar)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("training.log");
    }

    private static ArchiveLayout tarOf(long size) {
        return ArchiveLayout.tar(List.of(Entry.stored(EntryName.parse("a"), size, Sample.MODIFIED, 0644)));
    }

    private ExternalTool.Run extractWith(String program) throws IOException, InterruptedException {
        Path out = Files.createDirectory(directory.resolve("out"));
        ExternalTool.Run run =
                new ExternalTool(program).run(directory, "-xpf", tar, "-C", out).succeeded();
        assertExtracted(out);
        for (Entry entry : sample.entries()) {
            Path file = out.resolve(entry.name().value());
            assertThat(Files.getPosixFilePermissions(file))
                    .isEqualTo(PosixFilePermissions.fromString(ZipReadersTest.permissions(entry.mode())));
            assertThat(Files.getLastModifiedTime(file)).isEqualTo(FileTime.from(entry.modified()));
        }
        return run;
    }

    private void assertExtracted(Path out) throws IOException {
        for (int i = 0; i < sample.entries().size(); i++) {
            Entry entry = sample.entries().get(i);
            Path file = out.resolve(entry.name().value());
            if (entry.isDirectory()) {
                assertThat(file).isEmptyDirectory();
            } else {
                assertThat(file).hasBinaryContent(sample.content(i));
            }
        }
    }
}
