package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** The two ways in which {@code k8s/} may be applied, and where things are in them. */
enum Overlay {
    SINGLE,
    SCALE;

    static final Path K8S = Path.of("k8s");

    List<ObjectNode> objects() throws Exception {
        return Kustomization.render(K8S.resolve("overlays").resolve(name().toLowerCase(Locale.ROOT)));
    }

    /** The one of this kind that bears the name of all. */
    JsonNode one(String kind) throws Exception {
        return named(kind, "sluice");
    }

    JsonNode named(String kind, String name) throws Exception {
        List<ObjectNode> found = objects().stream()
                .filter(object -> object.path("kind").asText().equals(kind)
                        && object.at("/metadata/name").asText().equals(name))
                .toList();
        assertThat(found).as(kind + " " + name).hasSize(1);
        return found.get(0);
    }

    /** The servers'. */
    JsonNode pod() throws Exception {
        return one("Deployment").at("/spec/template/spec");
    }

    JsonNode container() throws Exception {
        return pod().at("/containers/0");
    }

    /** Where a server finds a volume. */
    String mountOf(String volume) throws Exception {
        return Optional.ofNullable(mounts(container()).get(volume)).orElseThrow();
    }

    /** Volume to path. */
    static Map<String, String> mounts(JsonNode container) {
        return StreamSupport.stream(container.path("volumeMounts").spliterator(), false)
                .collect(Collectors.toMap(
                        mount -> mount.path("name").asText(),
                        mount -> mount.path("mountPath").asText()));
    }

    static JsonNode volume(JsonNode pod, String name) {
        return StreamSupport.stream(pod.path("volumes").spliterator(), false)
                .filter(volume -> volume.path("name").asText().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no volume " + name));
    }

    static List<String> texts(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }
}
