package dev.sluice.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
    @TempDir
    Path directory;

    @Test
    void aSmallFileHasExactlyTheseBytes() throws IOException {
        Path file = directory.resolve("small.safetensors");

        Safetensors.write(file, Map.of(), List.of(tensor("a", List.of(2), 1, -2)));

        String json =
                "{\"__metadata__\":{\"format\":\"pt\"},\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
        String header = json + " ".repeat(88 - json.length());
        assertThat(HexFormat.of().formatHex(Files.readAllBytes(file)))
                .isEqualTo(
                        "5800000000000000" // the header's length, 88
                                + HexFormat.of().formatHex(header.getBytes(StandardCharsets.UTF_8))
                                + "0000803f" // 1
                                + "000000c0"); // -2
    }

    @Test
    void tensorsLongerThanAChunkComeBackWhole() throws IOException {
        Path file = directory.resolve("long.safetensors");
        float[] values = new float[40_001];
        for (int i = 0; i < values.length; i++) {
            values[i] = i / 3f;
        }

        Safetensors.write(
                file,
                Map.of("step", "7"),
                List.of(
                        tensor("before", List.of(), 5),
                        tensor("long", List.of(1, values.length), values),
                        tensor("empty", List.of(0, 3)),
                        tensor("after", List.of(1, 1), 6)));

        SafetensorsReader read = SafetensorsReader.read(file);
        assertThat(read.names()).containsExactly("before", "long", "empty", "after");
        assertThat(read.values("before")).containsExactly(5);
        assertThat(read.values("long")).containsExactly(values);
        assertThat(read.shape("long")).containsExactly(1, 40_001);
        assertThat(read.values("after")).containsExactly(6);
    }

    @Test
    void anotherReaderAgrees() throws Exception {
        Path file = directory.resolve("model.safetensors");

        Safetensors.write(
                file,
                Map.of(),
                List.of(tensor("ä\"b", List.of(3, 1), 1, 2, 3), tensor("c", List.of(2, 2), 1, 2, 3, 4)));

        assertThat(Python.run("check_safetensors.py", file)).isEqualToIgnoringWhitespace("7");
    }

    @Test
    void aLongerFileOfAnEarlierRunLeavesNothingBehind() throws IOException {
        Path file = directory.resolve("model.safetensors");
        Safetensors.write(file, Map.of(), List.of(tensor("a", List.of(4), 1, 2, 3, 4)));

        Safetensors.write(file, Map.of(), List.of(tensor("a", List.of(1), 9)));

        assertThat(SafetensorsReader.read(file).values("a")).containsExactly(9);
    }

    @Test
    void valuesThatDoNotFillTheShapeAreRefused() {
        assertThatThrownBy(() -> tensor("a", List.of(2, 2), 1, 2, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3 values for the shape [2, 2]");
    }

    @Test
    void twoTensorsOfOneNameAreRefused() {
        assertThatThrownBy(() -> Safetensors.write(
                        directory.resolve("twice.safetensors"),
                        Map.of(),
                        List.of(tensor("a", List.of(1), 1), tensor("a", List.of(1), 2))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("two tensors named a");
    }

    private static Safetensors.Tensor tensor(String name, List<Integer> shape, float... values) {
        return new Safetensors.Tensor(name, shape, FloatBuffer.wrap(values));
    }
}
