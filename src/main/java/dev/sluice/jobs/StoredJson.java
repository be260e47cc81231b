package dev.sluice.jobs;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializable;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.jsontype.TypeSerializer;
import com.fasterxml.jackson.databind.node.POJONode;
import java.io.IOException;

/**
 * What a column of JSON holds. Most of it is only told again, as it is; who wants to know what is in it reads it. Any thread.
 *
 * @param text valid JSON, as PostgreSQL makes sure of
 */
public record StoredJson(String text) {
    /** To be set in a document that is written. */
    JsonNode asWritten() {
        return new POJONode(new AsItIs(text));
    }

    public JsonNode read() {
        return Json.stored(text);
    }

    private record AsItIs(String text) implements JsonSerializable {
        @Override
        public void serialize(JsonGenerator into, SerializerProvider ignored) throws IOException {
            into.writeRawValue(text);
        }

        @Override
        public void serializeWithType(JsonGenerator into, SerializerProvider same, TypeSerializer none)
                throws IOException {
            serialize(into, same);
        }
    }
}
