package dev.sluice.jobs;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializable;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.jsontype.TypeSerializer;
import com.fasterxml.jackson.databind.node.POJONode;
import java.io.IOException;

/**
 * What a jsonb column holds. Most of it is only told again, which needs no tree; who wants to know what is in it reads it. Any
 * thread.
 */
public record StoredJson(String text) {
    private static final JsonFactory FACTORY = new JsonFactory();

    /** To be set in a document that is written. */
    JsonNode asWritten() {
        return new POJONode(new Copy(text));
    }

    public JsonNode read() {
        return Json.stored(text);
    }

    /** Without the white space that PostgreSQL writes. */
    private record Copy(String text) implements JsonSerializable {
        @Override
        public void serialize(JsonGenerator into, SerializerProvider ignored) throws IOException {
            try (JsonParser from = FACTORY.createParser(text)) {
                from.nextToken();
                into.copyCurrentStructureExact(from);
            }
        }

        @Override
        public void serializeWithType(JsonGenerator into, SerializerProvider same, TypeSerializer none)
                throws IOException {
            serialize(into, same);
        }
    }
}
