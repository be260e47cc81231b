package dev.sluice.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.Random;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everyone's zip readers accept ours and find in it what went in. */
class ZipReadersTest {
    private static final byte[] WEIGHTS = new byte[100_000];
    private static final byte[] LOG = "step 1 loss 0.5\n".repeat(5_000).getBytes(UTF_8);

    static {
        new Random(7).nextBytes(WEIGHTS);
    }

    @TempDir
    Path directory;

    private final Sample sample = new Sample()
            .directory("empty", 0750)
            .file("model/empty.bin", new byte[0], 0644)
            .deflated("model/empty.txt", new byte[0], 0600)
            .file("model/weights.bin", WEIGHTS, 0644)
            .deflated("training.log", LOG, 0640)
            .file("run.sh", "#!/bin/sh\n".getBytes(UTF_8), 0755)
            .file("größe/模型/😀 (1).bin", WEIGHTS, 0444)
            .deflated("d".repeat(200) + "/" + "e".repeat(200) + "/log.txt", LOG, 0644);

    private Path zip;

    @BeforeEach
    void write() throws IOException {
        zip = sample.write(sample.zip(), directory.resolve("sample.zip"));
        assertThat(zip).hasSize(sample.zip().length());
    }

    @Test
    void theJdkReadsItAtRandom() throws IOException {
        try (ZipFile file = new ZipFile(zip.toFile())) {
            assertThat(file.size()).isEqualTo(sample.entries().size());
            for (int i = 0; i < sample.entries().size(); i++) {
                Entry entry = sample.entries().get(i);
                var found = file.getEntry(nameOf(entry));
                assertThat(found).as(entry.toString()).isNotNull();
                assertThat(found.isDirectory()).isEqualTo(entry.isDirectory());
                assertThat(found.getSize()).isEqualTo(entry.size());
                assertThat(found.getCompressedSize()).isEqualTo(entry.storedSize());
                assertThat(found.getLastModifiedTime()).isEqualTo(FileTime.from(entry.modified()));
                try (InputStream in = file.getInputStream(found)) {
                    assertThat(in.readAllBytes()).isEqualTo(sample.content(i));
                }
            }
        }
    }

    @Test
    void theJdkReadsItAsAStream() throws IOException {
        try (ZipInputStream in = new ZipInputStream(Files.newInputStream(zip))) {
            for (int i = 0; i < sample.entries().size(); i++) {
                var found = in.getNextEntry();
                assertThat(found).isNotNull();
                assertThat(found.getName()).isEqualTo(nameOf(sample.entries().get(i)));
                assertThat(in.readAllBytes()).isEqualTo(sample.content(i));
            }
            assertThat(in.getNextEntry()).isNull();
        }
    }

    @Test
    void commonsCompressReadsItAtRandom() throws IOException {
        try (var file = org.apache.commons.compress.archivers.zip.ZipFile.builder()
                .setPath(zip)
                .get()) {
            var found = Collections.list(file.getEntriesInPhysicalOrder());
            assertThat(found).hasSameSizeAs(sample.entries());
            for (int i = 0; i < found.size(); i++) {
                Entry entry = sample.entries().get(i);
                ZipArchiveEntry read = found.get(i);
                assertThat(read.getName()).isEqualTo(nameOf(entry));
                assertThat(read.getUnixMode() & 07777).isEqualTo(entry.mode());
                assertThat(read.isDirectory()).isEqualTo(entry.isDirectory());
                assertThat(read.getGeneralPurposeBit().usesDataDescriptor()).isFalse();
                assertThat(read.getCrc()).isEqualTo(sample.crc32(i) & 0xFFFFFFFFL);
                try (InputStream in = file.getInputStream(read)) {
                    assertThat(in.readAllBytes()).isEqualTo(sample.content(i));
                }
            }
        }
    }

    @Test
    void commonsCompressReadsItAsAStream() throws IOException {
        try (ZipArchiveInputStream in = new ZipArchiveInputStream(Files.newInputStream(zip))) {
            for (int i = 0; i < sample.entries().size(); i++) {
                assertThat(in.getNextEntry().getName())
                        .isEqualTo(nameOf(sample.entries().get(i)));
                assertThat(in.readAllBytes()).isEqualTo(sample.content(i));
            }
            assertThat(in.getNextEntry()).isNull();
        }
    }

    @Test
    void unzipTestsAndExtractsItWithModesAndTimes() throws IOException, InterruptedException {
        ExternalTool unzip = new ExternalTool("unzip");
        unzip.run(directory, "-tq", zip).succeeded();

        Path out = directory.resolve("out");
        unzip.run(directory, "-q", zip, "-d", out).succeeded();
        assertExtracted(out);
        for (Entry entry : sample.entries()) {
            Path file = out.resolve(entry.name().value());
            assertThat(Files.getPosixFilePermissions(file))
                    .as(entry.name().value())
                    .isEqualTo(PosixFilePermissions.fromString(permissions(entry.mode())));
            assertThat(Files.getLastModifiedTime(file)).isEqualTo(FileTime.from(entry.modified()));
        }
    }

    @Test
    void sevenZipTestsItWithoutAWarning() throws IOException, InterruptedException {
        ExternalTool.Run run =
                new ExternalTool("7z").run(directory, "t", "-bd", zip).succeeded();
        assertThat(run.output()).contains("Everything is Ok").doesNotContainIgnoringCase("warning");
    }

    @Test
    void sevenZipExtractsIt() throws IOException, InterruptedException {
        Path out = directory.resolve("out");
        new ExternalTool("7z").run(directory, "x", "-bd", "-o" + out, zip).succeeded();
        assertExtracted(out);
    }

    @Test
    void bsdtarExtractsIt() throws IOException, InterruptedException {
        Path out = Files.createDirectory(directory.resolve("out"));
        new ExternalTool("bsdtar").run(directory, "-xf", zip, "-C", out).succeeded();
        assertExtracted(out);
    }

    @Test
    void bsdtarExtractsItFromAStream() throws IOException, InterruptedException {
        Path out = Files.createDirectory(directory.resolve("out"));
        new ExternalTool("sh")
                .run(directory, "-c", "cat \"$0\" | bsdtar -xf - -C \"$1\"", zip, out)
                .succeeded();
        assertExtracted(out);
    }

    @Test
    void pythonTestsAndExtractsIt() throws IOException, InterruptedException {
        Path out = directory.resolve("out");
        String script = """
                import sys, zipfile
                zip = zipfile.ZipFile(sys.argv[1])
                assert zip.testzip() is None
                zip.extractall(sys.argv[2])
                """;
        new ExternalTool("python3").run(directory, "-c", script, zip, out).succeeded();
        assertExtracted(out);
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

    private static String nameOf(Entry entry) {
        return entry.isDirectory() ? entry.name() + "/" : entry.name().value();
    }

    static String permissions(int mode) {
        StringBuilder text = new StringBuilder();
        for (int bit = 8; bit >= 0; bit--) {
            text.append((mode >> bit & 1) == 0 ? '-' : "xwr".charAt(bit % 3));
        }
        return text.toString();
    }
}
