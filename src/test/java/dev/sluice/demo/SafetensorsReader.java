package dev.sluice.demo;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads a safetensors file as strictly as the format's own library: anything odd is a failure. */
final class SafetensorsReader {
    private final Map<String, List<Integer>> shapes = new LinkedHashMap<>();
    private final Map<String, float[]> values = new HashMap<>();

    private SafetensorsReader() {}

    Set<String> names() {
        return shapes.keySet();
    }

    List<Integer> shape(String tensor) {
        return requireNonNull(shapes.get(tensor), tensor);
    }

    float[] values(String tensor) {
        return requireNonNull(values.get(tensor), tensor);
    }

    static SafetensorsReader read(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        long headerLength = bytes.getLong();
        assertThat(headerLength).isBetween(2L, (long) bytes.remaining());
        assertThat(headerLength % 8).as("alignment of the data").isZero();
        byte[] header = new byte[(int) headerLength];
        bytes.get(header);
        assertThat(header[0]).isEqualTo((byte) '{');
        JsonNode json = new ObjectMapper().readTree(new String(header, StandardCharsets.UTF_8));
        assertThat(json.get("__metadata__").get("format").textValue()).isEqualTo("pt");

        ByteBuffer data = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        SafetensorsReader tensors = new SafetensorsReader();
        long end = 0;
        for (Map.Entry<String, JsonNode> field : json.properties()) {
            if (!field.getKey().equals("__metadata__")) {
                JsonNode offsets = field.getValue().get("data_offsets");
                assertThat(offsets.get(0).longValue()).as("no hole, no overlap").isEqualTo(end);
                end = offsets.get(1).longValue();
                tensors.add(field.getKey(), field.getValue(), data);
                assertThat((long) data.position()).isEqualTo(end);
            }
        }
        assertThat(data.hasRemaining()).as("bytes behind the last tensor").isFalse();
        return tensors;
    }

    private void add(String name, JsonNode entry, ByteBuffer data) {
        assertThat(entry.get("dtype").textValue()).isEqualTo("F32");
        List<Integer> shape = new ArrayList<>();
        entry.get("shape").forEach(size -> shape.add(size.intValue()));
        float[] numbers = new float[shape.stream().reduce(1, Math::multiplyExact)];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = data.getFloat();
        }
        shapes.put(name, shape);
        values.put(name, numbers);
    }
}
