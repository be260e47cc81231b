package dev.sluice.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * As much of kustomize as our manifests use, so that they are checked as they would be applied also where there is no kubectl: resources,
 * generated ConfigMaps (without the hash in their names), JSON patches (RFC 6902: add, replace, remove) and images.
 */
final class Kustomization {
    private static final YAMLMapper YAML = new YAMLMapper(new YAMLFactory());
    private static final Set<String> KNOWN =
            Set.of("apiVersion", "kind", "resources", "configMapGenerator", "patches", "images");

    private Kustomization() {}

    static List<ObjectNode> render(Path directory) throws IOException {
        JsonNode wanted = YAML.readTree(Files.readString(directory.resolve("kustomization.yaml")));
        wanted.fieldNames().forEachRemaining(key -> {
            if (!KNOWN.contains(key)) {
                throw new AssertionError(key + " of " + directory + " is not known here");
            }
        });
        List<ObjectNode> objects = new ArrayList<>();
        for (JsonNode resource : wanted.path("resources")) {
            Path path = directory.resolve(resource.asText());
            objects.addAll(Files.isDirectory(path) ? render(path) : documents(Files.readString(path)));
        }
        for (JsonNode generator : wanted.path("configMapGenerator")) {
            objects.add(configMap(directory, generator));
        }
        for (JsonNode patch : wanted.path("patches")) {
            JsonNode operations = YAML.readTree(
                    Files.readString(directory.resolve(patch.path("path").asText())));
            List<ObjectNode> meant = objects.stream()
                    .filter(object -> object.path("kind").equals(patch.at("/target/kind"))
                            && object.at("/metadata/name").equals(patch.at("/target/name")))
                    .toList();
            if (meant.size() != 1) {
                throw new AssertionError(patch + " means " + meant.size() + " objects");
            }
            operations.forEach(operation -> apply(operation, meant.get(0)));
        }
        wanted.path("images").forEach(image -> objects.forEach(object -> name(image, object)));
        return objects;
    }

    static List<ObjectNode> documents(String text) throws IOException {
        List<ObjectNode> documents = new ArrayList<>();
        try (var values = YAML.readerFor(ObjectNode.class).<ObjectNode>readValues(text)) {
            values.forEachRemaining(documents::add);
        }
        return documents;
    }

    private static ObjectNode configMap(Path directory, JsonNode generator) throws IOException {
        ObjectNode map = YAML.createObjectNode().put("apiVersion", "v1").put("kind", "ConfigMap");
        ObjectNode data = map.putObject("data");
        for (JsonNode file : generator.path("files")) {
            data.put(file.asText(), Files.readString(directory.resolve(file.asText())));
        }
        ObjectNode metadata = map.putObject("metadata");
        if (generator.at("/options").has("labels")) {
            metadata.set("labels", generator.at("/options/labels").deepCopy());
        }
        metadata.set("name", generator.path("name"));
        metadata.set("namespace", generator.path("namespace"));
        return map;
    }

    private static void apply(JsonNode operation, JsonNode object) {
        String path = operation.path("path").asText();
        String kind = operation.path("op").asText();
        JsonNode parent = object.at(path.substring(0, path.lastIndexOf('/')));
        String last = path.substring(path.lastIndexOf('/') + 1);
        if (parent.isMissingNode() || (!kind.equals("add") && object.at(path).isMissingNode())) {
            throw new AssertionError(operation + " has nowhere to go");
        }
        if (parent instanceof ArrayNode list && kind.equals("add") && last.equals("-")) {
            list.add(operation.get("value").deepCopy());
        } else if (parent instanceof ObjectNode fields && kind.equals("remove")) {
            fields.remove(last);
        } else if (parent instanceof ObjectNode fields
                && Set.of("add", "replace").contains(kind)) {
            fields.set(last, operation.get("value").deepCopy());
        } else {
            throw new AssertionError(operation + " is not known here");
        }
    }

    private static void name(JsonNode image, ObjectNode object) {
        for (JsonNode container : object.at("/spec/template/spec/containers")) {
            if (container.path("image").equals(image.path("name"))) {
                ((ObjectNode) container)
                        .put(
                                "image",
                                image.path("newName").asText() + ":"
                                        + image.path("newTag").asText());
            }
        }
    }
}
