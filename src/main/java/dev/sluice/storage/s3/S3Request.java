package dev.sluice.storage.s3;

import io.vertx.core.http.HttpMethod;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One call of the API, not signed yet.
 *
 * @param key empty for the bucket itself
 * @param query parameters, not encoded
 */
record S3Request(HttpMethod method, String key, Map<String, String> query, Map<String, String> headers, Body body) {
    /** What is sent along. */
    sealed interface Body {}

    record Empty() implements Body {}

    record Text(String text) implements Body {
        byte[] bytes() {
            return text.getBytes(StandardCharsets.UTF_8);
        }
    }

    /** Part of a file. To be signed it is read, so on a worker thread. */
    record FilePart(Path file, long offset, long length) implements Body {}

    static S3Request of(HttpMethod method, String key) {
        return new S3Request(method, key, Map.of(), Map.of(), new Empty());
    }

    /** What it asks for, in a word: one of few. */
    String operation() {
        boolean part = query.containsKey("uploadId");
        boolean copy = headers.containsKey("x-amz-copy-source");
        return switch (method.name()) {
            case "GET" -> key.isEmpty() ? query.containsKey("uploads") ? "list_uploads" : "list" : "get";
            case "PUT" -> (copy ? "copy" : "put") + (part ? "_part" : "");
            case "POST" -> part ? "complete_upload" : "begin_upload";
            case "DELETE" -> part ? "abort_upload" : "delete";
            default -> method.name().toLowerCase(Locale.ROOT);
        };
    }

    S3Request with(String parameter, String value) {
        return new S3Request(method, key, joined(query, parameter, value), headers, body);
    }

    S3Request header(String field, String value) {
        return new S3Request(method, key, query, joined(headers, field, value), body);
    }

    S3Request sending(Body sent) {
        return new S3Request(method, key, query, headers, sent);
    }

    private static Map<String, String> joined(Map<String, String> before, String name, String value) {
        Map<String, String> all = new LinkedHashMap<>(before);
        all.put(name, value);
        return all;
    }
}
