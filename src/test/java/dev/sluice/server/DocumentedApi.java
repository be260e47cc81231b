package dev.sluice.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.Validator;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The OpenAPI document that a server serves, and a record of what its answers were held against. An operation is a method and a
 * path of the document, such as {@code GET /api/models/{id}}.
 */
final class DocumentedApi {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final Set<String> METHODS = Set.of("get", "head", "post", "put", "patch", "delete");

    private final JsonNode document;
    private final Map<JsonNode, Validator> validators = new HashMap<>();
    private final Set<String> given = new TreeSet<>();
    private final List<String> faults = new ArrayList<>();

    private DocumentedApi(JsonNode document) {
        this.document = document;
    }

    static DocumentedApi of(TestServer server) throws IOException {
        return new DocumentedApi(
                new YAMLMapper().readTree(server.get("", "/api/openapi.yaml").body()));
    }

    Map<String, JsonNode> operations() {
        Map<String, JsonNode> operations = new TreeMap<>();
        document.path("paths")
                .properties()
                .forEach(path -> path.getValue().properties().forEach(member -> {
                    if (METHODS.contains(member.getKey())) {
                        operations.put(
                                member.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey(), member.getValue());
                    }
                }));
        return operations;
    }

    /** The operations that are said to answer so. */
    List<String> answering(int status) {
        return operations().entrySet().stream()
                .filter(operation -> operation.getValue().path("responses").has("" + status))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Each operation with each status that it is said to answer, such as {@code GET /version 200}. */
    Set<String> promised() {
        Set<String> promised = new TreeSet<>();
        operations()
                .forEach((operation, described) -> described
                        .path("responses")
                        .fieldNames()
                        .forEachRemaining(status -> {
                            if (!status.equals("default")) {
                                promised.add(operation + " " + status);
                            }
                        }));
        return promised;
    }

    /** What came so far of that. */
    Set<String> given() {
        return given;
    }

    /** What was wrong with what came so far. */
    List<String> faults() {
        return faults;
    }

    /** An answer, apart from who received it. */
    record Answer(int status, Function<String, Optional<String>> field, Buffer body) {
        static Answer of(HttpResponse<byte[]> response) {
            return new Answer(response.statusCode(), response.headers()::firstValue, Buffer.buffer(response.body()));
        }

        static Answer of(RawConnection.Response response) {
            return new Answer(
                    response.status(),
                    name -> Optional.ofNullable(response.fields().get(name.toLowerCase(Locale.ROOT))),
                    Buffer.buffer(response.body()));
        }
    }

    /** Holds an answer, of that status, against the document. */
    Answer check(String operation, int status, Answer answer) {
        String which = operation + " " + status;
        if (answer.status() != status) {
            faults.add(which + ": answered " + answer.status() + " " + text(answer));
            return answer;
        }
        given.add(which);
        JsonNode responses =
                operations().getOrDefault(operation, MissingNode.getInstance()).path("responses");
        // What holds of every route is said once, by the default.
        JsonNode described = resolved(responses.path(status == 405 ? "default" : "" + status));
        if (described.isMissingNode()) {
            faults.add(which + ": is not documented");
            return answer;
        }
        fields(described.path("headers"), answer, which);
        body(described.path("content"), answer, which);
        return answer;
    }

    private void fields(JsonNode described, Answer answer, String which) {
        described.properties().forEach(member -> {
            JsonNode field = resolved(member.getValue());
            Optional<String> value = answer.field().apply(member.getKey());
            if (value.isEmpty() && field.path("required").asBoolean()) {
                faults.add(which + ": has no " + member.getKey());
            }
            JsonNode schema = field.path("schema");
            value.ifPresent(text -> {
                boolean matches = schema.has("const")
                        ? text.equals(schema.path("const").asText())
                        : !schema.has("pattern")
                                || Pattern.compile(schema.path("pattern").asText())
                                        .matcher(text)
                                        .find();
                if (!matches) {
                    faults.add(which + ": " + member.getKey() + " is " + text);
                }
            });
        });
    }

    private void body(JsonNode described, Answer answer, String which) {
        if (which.startsWith("HEAD ") || described.isMissingNode()) {
            if (answer.body().length() > 0) {
                faults.add(which + ": has a body");
            }
            return;
        }
        String mediaType = answer.field().apply("Content-Type").orElse("none").split(";", 2)[0];
        if (!described.has(mediaType) && !described.has("*/*")) {
            faults.add(which + ": is " + mediaType);
            return;
        }
        if (mediaType.endsWith("json") && described.path(mediaType).has("schema")) {
            json(described.path(mediaType).path("schema"), answer, which);
        }
    }

    private void json(JsonNode schema, Answer answer, String which) {
        try {
            JsonNode value = MAPPER.readTree(answer.body().getBytes());
            OutputUnit result =
                    validators.computeIfAbsent(schema, this::validator).validate(new JsonObject(answer.body()));
            if (!result.getValid()) {
                faults.add(which + ": " + result.toJson() + " " + text(answer));
            }
            new SchemaWalk(this::resolved).walk(value, schema).forEach(fault -> faults.add(which + ": " + fault));
        } catch (IOException malformed) {
            faults.add(which + ": is no JSON: " + text(answer));
        }
    }

    private Validator validator(JsonNode schema) {
        String schemas = document.at("/components/schemas").toString();
        JsonObject whole = new JsonObject(schema.toString().replace("#/components/schemas/", "#/$defs/"))
                .put("$defs", new JsonObject(schemas.replace("#/components/schemas/", "#/$defs/")));
        return Validator.create(
                JsonSchema.of(whole),
                new JsonSchemaOptions().setDraft(Draft.DRAFT202012).setBaseUri("https://sluice.test/"));
    }

    private JsonNode resolved(JsonNode described) {
        return described.has("$ref")
                ? document.at(described.path("$ref").asText().substring(1))
                : described;
    }

    private static String text(Answer answer) {
        return answer.body().getString(0, Math.min(answer.body().length(), 2_000));
    }
}
