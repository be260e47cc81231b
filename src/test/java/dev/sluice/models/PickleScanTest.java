package dev.sluice.models;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.models.Inspection.Safety;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PickleScanTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                // pickle.dumps of os.system("id") by __reduce__, protocols 0, 2 and 4; then by INST and by memo.
                "cposix\nsystem\np0\n(Vid\np1\ntp2\nRp3\n.",
                "\u0080\u0002cposix\nsystem\nq\0X\u0002\0\0\0idq\u0001\u0085q\u0002Rq\u0003.",
                "\u0080\u0004\u0095\u001d\0\0\0\0\0\0\0\u008c\u0005posix\u0094\u008c\u0006system\u0094\u0093\u0094\u008c\u0002id\u0094\u0085\u0094R\u0094.",
                "(S'id'\niposix\nsystem\n.",
                "\u0080\u0004\u008c\u0006system\u0094\u008c\u0005posix\u0094h\u0001h\0\u0093.",
                // Runs before it breaks.
                "\u0080\u0002cposix\nsystem\nX\u0002\0\0\0id\u0085R\u00ff"
            })
    void whatWouldRunACommandIsSuspiciousByName(String pickle) throws IOException {
        Inspection inspection = inspect("m.pkl", pickle.getBytes(ISO_8859_1));
        assertThat(inspection.safety()).contains(Safety.SUSPICIOUS);
        assertThat(inspection.findings()).contains("posix.system");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "builtins\neval", "builtins\ngetattr", "__builtin__\nexec", "os\nsystem", "subprocess\nPopen",
                "torch\nload", "numpy\nload", "pandas.core.computation.eval\neval", "__main__\nModel",
                        "sklearn\nos system"
            })
    void whatIsNotKnownToBeHarmlessIsSuspicious(String imported) throws IOException {
        Inspection inspection = inspect("m.pkl", ("\u0080\u0002c" + imported + "\n.").getBytes(ISO_8859_1));
        assertThat(inspection.safety()).contains(Safety.SUSPICIOUS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "collections\nOrderedDict", "torch._utils\n_rebuild_tensor_v2", "torch\nFloatStorage",
                "numpy.core.multiarray\n_reconstruct", "numpy._core.multiarray\nscalar", "numpy\ndtype",
                "sklearn.ensemble._forest\nRandomForestClassifier", "builtins\nset"
            })
    void whatLibrariesRebuildTheirObjectsFromIsSafe(String imported) throws IOException {
        Inspection inspection = inspect("m.pkl", ("\u0080\u0002c" + imported + "\n.").getBytes(ISO_8859_1));
        assertThat(inspection.safety()).contains(Safety.SAFE);
        assertThat(inspection.findings()).containsExactly(imported.replace('\n', '.'));
    }

    @Test
    void whatImportsNothingIsSafe() throws IOException {
        assertThat(inspect("m.pkl", "\u0080\u0004}\u0094(K\u0001K\u0002u.".getBytes(ISO_8859_1))
                        .safety())
                .contains(Safety.SAFE);
    }

    @Test
    void aPickleThatBreaksOffIsSuspicious() throws IOException {
        assertThat(inspect("m.pkl", "\u0080\u0004}\u0094(".getBytes(ISO_8859_1)).safety())
                .contains(Safety.SUSPICIOUS);
        assertThat(inspect("m.pkl", "\u0080\u0004X\u00ff\u00ff\u00ff\u00ff".getBytes(ISO_8859_1))
                        .safety())
                .contains(Safety.SUSPICIOUS);
    }

    @Test
    void aPickleInsideAZipIsFound() throws IOException {
        ByteArrayOutputStream zip = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(zip)) {
            out.putNextEntry(new ZipEntry("archive/data.pkl"));
            out.write("\u0080\u0002cposix\nsystem\nX\u0002\0\0\0id\u0085R.".getBytes(ISO_8859_1));
            out.putNextEntry(new ZipEntry("archive/data/0"));
            out.write(new byte[64]);
        }
        Inspection inspection = inspect("model.pt", zip.toByteArray());
        assertThat(inspection.safety()).contains(Safety.SUSPICIOUS);
        assertThat(inspection.findings()).containsExactly("posix.system");
    }

    @Test
    void theNamesOfEntriesAreShownWithoutWhatADatabaseCannotHold() throws IOException {
        ByteArrayOutputStream zip = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(zip)) {
            out.putNextEntry(new ZipEntry("a\0" + "b".repeat(5_000) + "\u001b.pkl"));
            out.write(0xFF);
        }
        Inspection inspection = inspect("model.pt", zip.toByteArray());
        assertThat(inspection.safety()).contains(Safety.SUSPICIOUS);
        assertThat(inspection.findings())
                .singleElement()
                .asString()
                .startsWith("the pickle a?bbb")
                .hasSizeLessThan(300);
    }

    @Test
    void anArchiveOfManyFaultsIsGivenUp() throws IOException {
        ByteArrayOutputStream zip = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(zip)) {
            for (int i = 0; i < 200; i++) {
                out.putNextEntry(new ZipEntry(i + ".pkl"));
                out.write(0xFF);
            }
        }
        assertThat(inspect("model.pt", zip.toByteArray()).findings())
                .hasSizeLessThan(60)
                .last()
                .isEqualTo("the archive has too much in it to be looked through");
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "S'name'\n", "\u008c\u0001a\u0094"})
    void aPickleThatFillsTheMemoryIsGivenUp(String repeated) throws IOException {
        String pickle = "\u0080\u0004" + repeated.repeat(1 << 20) + ".";
        assertThat(inspect("m.pkl", pickle.getBytes(ISO_8859_1)).findings())
                .containsExactly("the pickle is too complex to be looked through");
    }

    @Test
    void aSecondPickleInARowIsReadToo() throws IOException {
        String first = "\u0080\u0002\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019.";
        Inspection inspection = inspect("old.bin", (first + "\u0080\u0002cposix\nsystem\n.").getBytes(ISO_8859_1));
        assertThat(inspection.findings()).contains("posix.system");
    }

    @Test
    void bytesThatAreNoPickleAreNotJudged() throws IOException {
        assertThat(inspect("weights.bin", new byte[1000])).isEqualTo(Inspection.NOTHING);
        assertThat(inspect("weights.bin", new byte[0])).isEqualTo(Inspection.NOTHING);
        assertThat(inspect("notes.txt", "cposix\nsystem\n.".getBytes(ISO_8859_1)))
                .isEqualTo(Inspection.NOTHING);
    }

    @Test
    void aSafetensorsHeaderIsSummarized() throws IOException {
        byte[] header =
                "{\"__metadata__\":{\"a\":\"b\"},\"x\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
                        .concat("\"y\":{\"dtype\":\"F16\",\"shape\":[],\"data_offsets\":[24,26]}}")
                        .getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(8 + header.length + 26).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(header.length).put(header);
        Inspection inspection = inspect("w.safetensors", file.array());
        assertThat(inspection.safety()).isEmpty();
        assertThat(inspection.summary().orElseThrow().toString())
                .isEqualTo(
                        "{\"format\":\"safetensors\",\"tensors\":2,\"parameters\":7,\"dtypes\":{\"F16\":1,\"F32\":1}}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "short", "\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f{}", "\u0002\0\0\0\0\0\0\0{{"})
    void aSafetensorsFileThatIsNoneIsSuspicious(String content) throws IOException {
        assertThat(inspect("w.safetensors", content.getBytes(ISO_8859_1)).safety())
                .contains(Safety.SUSPICIOUS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[-1]",
                "[1.5]",
                "[1e300,1e300]",
                "[9223372036854775807,2]",
                "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]"
            })
    void aTensorOfAnImpossibleShapeIsSuspicious(String shape) throws IOException {
        assertThat(safetensors("{\"x\":{\"dtype\":\"F32\",\"shape\":" + shape + "}}")
                        .findings())
                .containsExactly("the safetensors file has a tensor of an impossible shape");
    }

    @Test
    void typesThatTheFormatDoesNotKnowAreCountedTogether() throws IOException {
        String longName = "F".repeat(1000);
        assertThat(safetensors("{\"x\":{\"dtype\":\"" + longName
                                + "\",\"shape\":[2]},\"y\":{\"dtype\":7,\"shape\":[0]}}")
                        .summary()
                        .orElseThrow()
                        .toString())
                .isEqualTo("{\"format\":\"safetensors\",\"tensors\":2,\"parameters\":2,\"dtypes\":{\"unknown\":2}}");
    }

    private Inspection safetensors(String header) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(8 + json.length).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(json.length).put(json);
        return inspect("w.safetensors", file.array());
    }

    private Inspection inspect(String name, byte[] content) throws IOException {
        Path file = Files.write(directory.resolve(name), content);
        try (FileChannel channel = FileChannel.open(file)) {
            return Inspections.of("sub/" + name, channel, content.length);
        }
    }
}
