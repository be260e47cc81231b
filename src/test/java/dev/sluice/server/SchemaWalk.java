package dev.sluice.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * Goes through a value beside its schema and finds what a validator lets pass: members that the schema does not name, and texts that
 * are not of the format that it names.
 *
 * @param resolve follows a reference
 */
record SchemaWalk(UnaryOperator<JsonNode> resolve) {
    List<String> walk(JsonNode value, JsonNode schema) {
        List<String> faults = new ArrayList<>();
        walk(value, List.of(schema), "", faults);
        return faults;
    }

    private void walk(JsonNode value, List<JsonNode> schemas, String at, List<String> faults) {
        List<JsonNode> parts = new ArrayList<>();
        schemas.forEach(schema -> collect(schema, parts));
        if (value.isObject()) {
            members(value, parts, at, faults);
        } else if (value.isArray()) {
            List<JsonNode> items = parts.stream()
                    .filter(part -> part.has("items"))
                    .map(part -> part.path("items"))
                    .toList();
            for (int i = 0; i < value.size(); i++) {
                walk(value.get(i), items, at + "/" + i, faults);
            }
        } else if (value.isTextual()) {
            parts.stream()
                    .filter(part ->
                            !isOfFormat(value.textValue(), part.path("format").asText()))
                    .forEach(part ->
                            faults.add(at + " is no " + part.path("format").asText() + ": " + value));
        }
    }

    private void members(JsonNode value, List<JsonNode> parts, String at, List<String> faults) {
        // What no part describes may be anything.
        boolean described = parts.stream().anyMatch(part -> part.has("properties") || part.has("type"));
        value.properties().forEach(member -> {
            List<JsonNode> named = parts.stream()
                    .map(part -> part.path("properties").path(member.getKey()))
                    .filter(found -> !found.isMissingNode())
                    .toList();
            List<JsonNode> others = parts.stream()
                    .map(part -> part.path("additionalProperties"))
                    .filter(found -> found.isObject() || found.asBoolean())
                    .toList();
            String there = at + "/" + member.getKey();
            if (named.isEmpty() && others.isEmpty() && described) {
                faults.add(there + " is not documented");
            } else {
                walk(member.getValue(), named.isEmpty() ? others : named, there, faults);
            }
        });
    }

    /** The schema itself and what it is put together of, whichever alternative it is. */
    private void collect(JsonNode schema, List<JsonNode> parts) {
        JsonNode resolved = resolve.apply(schema);
        if (schema.has("$ref") && schema.size() > 1) {
            parts.add(schema);
        }
        parts.add(resolved);
        for (String composition : List.of("allOf", "anyOf", "oneOf")) {
            resolved.path(composition).forEach(part -> collect(part, parts));
        }
    }

    private static boolean isOfFormat(String text, String format) {
        try {
            return switch (format) {
                case "uuid" -> UUID.fromString(text).toString().equals(text);
                // RFC 3339 in UTC.
                case "date-time" -> text.endsWith("Z") && Instant.parse(text) != null;
                case "uri-reference" -> java.net.URI.create(text) != null;
                default -> true;
            };
        } catch (DateTimeParseException | IllegalArgumentException malformed) {
            return false;
        }
    }
}
