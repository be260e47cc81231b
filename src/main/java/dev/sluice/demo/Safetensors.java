package dev.sluice.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the safetensors format: the header's length as 8 bytes little-endian, a JSON header padded with spaces so
 * that the data is aligned to 8 bytes, then the tensors' values, contiguous and in the header's order.
 *
 * @see <a href="https://github.com/huggingface/safetensors#format">the format</a>
 */
final class Safetensors {
    private static final int ALIGNMENT = 8;
    private static final int CHUNK_FLOATS = 16 * 1024;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A tensor of 32-bit floats; the buffer is read from its position to its limit, which must fill the shape. */
    record Tensor(String name, List<Integer> shape, FloatBuffer values) {
        Tensor {
            long elements = shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
            if (elements != values.remaining()) {
                throw new IllegalArgumentException(name + ": " + values.remaining() + " values for the shape " + shape);
            }
        }
    }

    private Safetensors() {}

    /** Creates or replaces {@code file}, holding one chunk of it in memory at a time. */
    static void write(Path file, Map<String, String> metadata, List<Tensor> tensors) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            writeFully(channel, header(metadata, tensors));
            ByteBuffer chunk =
                    ByteBuffer.allocateDirect(CHUNK_FLOATS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (Tensor tensor : tensors) {
                writeValues(channel, chunk, tensor.values().duplicate());
            }
        }
    }

    private static ByteBuffer header(Map<String, String> metadata, List<Tensor> tensors) throws IOException {
        Map<String, Object> entries = new LinkedHashMap<>();
        Map<String, String> allMetadata = new LinkedHashMap<>(Map.of("format", "pt"));
        allMetadata.putAll(metadata);
        entries.put("__metadata__", allMetadata);
        long offset = 0;
        for (Tensor tensor : tensors) {
            long end = offset + (long) tensor.values().remaining() * Float.BYTES;
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("dtype", "F32");
            entry.put("shape", tensor.shape());
            entry.put("data_offsets", List.of(offset, end));
            if (entries.put(tensor.name(), entry) != null) {
                throw new IllegalArgumentException("two tensors named " + tensor.name());
            }
            offset = end;
        }
        byte[] json = JSON.writeValueAsString(entries).getBytes(StandardCharsets.UTF_8);
        byte[] padded = Arrays.copyOf(json, (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
        Arrays.fill(padded, json.length, padded.length, (byte) ' ');
        return ByteBuffer.allocate(Long.BYTES + padded.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(padded.length)
                .put(padded)
                .flip();
    }

    private static void writeValues(WritableByteChannel channel, ByteBuffer chunk, FloatBuffer values)
            throws IOException {
        while (values.hasRemaining()) {
            int count = Math.min(values.remaining(), CHUNK_FLOATS);
            chunk.clear().limit(count * Float.BYTES);
            chunk.asFloatBuffer().put(values.slice().limit(count));
            values.position(values.position() + count);
            writeFully(channel, chunk);
        }
    }

    private static void writeFully(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
