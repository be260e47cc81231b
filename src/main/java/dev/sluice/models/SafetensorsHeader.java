package dev.sluice.models;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.http.ProblemException;
import dev.sluice.jobs.Faults;
import dev.sluice.jobs.Json;
import dev.sluice.jobs.JsonReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The header of a safetensors file: eight bytes of length, little-endian, and that much JSON, before the tensors' bytes
 * (https://github.com/huggingface/safetensors#format). Worker thread.
 */
final class SafetensorsHeader {
    /** As the reference implementation has it: 100 MB; ours is parsed into a tree. Bytes. */
    private static final long MOST = 16 << 20;

    /** Twice what NumPy has. */
    private static final int MOST_DIMENSIONS = 64;

    /** The format knows about twenty. */
    private static final int MOST_DTYPES = 64;

    private static final Pattern DTYPE = Pattern.compile("[A-Z][A-Z0-9_]{0,15}");

    private SafetensorsHeader() {}

    static Inspection inspect(FileChannel content, long size) throws IOException {
        if (size < Long.BYTES) {
            return unreadable("is shorter than its length field");
        }
        long length =
                read(content, 0, Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
        if (length < 2 || length > size - Long.BYTES) {
            return unreadable("has a header longer than the file");
        }
        if (length > MOST) {
            return unreadable("has a header too long to be read");
        }
        try {
            JsonNode header =
                    JsonReader.read(read(content, Long.BYTES, (int) length).array(), Faults.ofBody());
            return Inspection.summary(summary(header));
        } catch (ProblemException malformed) {
            return unreadable("has a header that is no JSON");
        } catch (ArithmeticException impossible) {
            return unreadable("has a tensor of an impossible shape");
        }
    }

    /** @throws ArithmeticException when a tensor has a shape that none can have */
    private static ObjectNode summary(JsonNode header) {
        int tensors = 0;
        long parameters = 0;
        Map<String, Integer> dtypes = new TreeMap<>();
        for (Map.Entry<String, JsonNode> member : header.properties()) {
            if (member.getKey().equals("__metadata__")) {
                continue;
            }
            tensors++;
            parameters = Math.addExact(parameters, parameters(member.getValue().path("shape")));
            String dtype = member.getValue().path("dtype").asText();
            boolean counted = dtypes.containsKey(dtype) || dtypes.size() < MOST_DTYPES;
            dtypes.merge(counted && DTYPE.matcher(dtype).matches() ? dtype : "unknown", 1, Integer::sum);
        }
        ObjectNode summary = Json.object()
                .put("format", "safetensors")
                .put("tensors", tensors)
                .put("parameters", parameters);
        ObjectNode byType = Json.object();
        dtypes.forEach(byType::put);
        summary.set("dtypes", byType);
        return summary;
    }

    private static long parameters(JsonNode shape) {
        if (shape.size() > MOST_DIMENSIONS) {
            throw new ArithmeticException("more dimensions than any library has");
        }
        long count = 1;
        for (JsonNode dimension : shape) {
            long length = dimension.decimalValue().longValueExact();
            if (length < 0) {
                throw new ArithmeticException("a negative length");
            }
            count = Math.multiplyExact(count, length);
        }
        return count;
    }

    private static Inspection unreadable(String why) {
        return Inspection.suspicious(List.of("the safetensors file " + why));
    }

    private static ByteBuffer read(FileChannel content, long position, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining() && content.read(bytes, position + bytes.position()) >= 0) {
            // The caller has compared the length with the file's.
        }
        return bytes.flip();
    }
}
