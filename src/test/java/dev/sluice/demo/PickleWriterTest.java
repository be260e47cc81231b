package dev.sluice.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PickleWriterTest {
    @TempDir
    Path directory;

    @Test
    void aSmallPickleHasExactlyTheseBytes() throws IOException {
        assertThat(HexFormat.of().formatHex(pickle(Map.of("b", List.of(1.5, true), "a", -2))))
                .isEqualTo(
                        "8004" // PROTO 4
                                + "7d28" // EMPTY_DICT MARK
                                + "580100000061" // BINUNICODE "a"
                                + "4afeffffff" // BININT -2
                                + "580100000062" // BINUNICODE "b"
                                + "5d28" // EMPTY_LIST MARK
                                + "473ff8000000000000" // BINFLOAT 1.5
                                + "88" // NEWTRUE
                                + "65" // APPENDS
                                + "75" // SETITEMS
                                + "2e"); // STOP
    }

    @Test
    void pythonLoadsWhatWasWritten() throws Exception {
        Map<String, Object> value = Map.of(
                "text", "Zürich 東京 \uD83D\uDE00",
                "numbers", new double[] {0.1, -0.0, 1e300, Double.MIN_VALUE},
                "integers", new int[] {0, 255, -1, Integer.MIN_VALUE, Integer.MAX_VALUE},
                "rows", new double[][] {{1, 2}, {}},
                "nested", List.of(Map.of("empty", List.of()), Map.of(), false));
        Path file = directory.resolve("value.pkl");
        Files.write(file, pickle(value));

        String loaded = Python.run("pickle_to_json.py", file);

        ObjectMapper json = new ObjectMapper();
        assertThat(json.readTree(loaded)).isEqualTo(json.readTree(json.writeValueAsString(value)));
    }

    @Test
    void whatIsNotPlainDataIsRefused() {
        assertThatThrownBy(() -> pickle(List.of(new Object()))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> pickle(Map.of(1, 2))).isInstanceOf(ClassCastException.class);
    }

    private static byte[] pickle(Object value) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PickleWriter.write(out, value);
        return out.toByteArray();
    }
}
