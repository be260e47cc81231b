package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.archive.ExternalTool;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds {@code k8s/}, as it would be applied, against Kubernetes' types, kubectl and itself. */
class ManifestsTest {
    private static final Pattern HASH = Pattern.compile("-[a-z0-9]{10}$");

    @TempDir
    private Path dir;

    @ParameterizedTest
    @ValueSource(strings = {"overlays/single", "overlays/scale", "gateway"})
    void everyObjectIsAsKubernetesTypesSay(String kustomization) throws Exception {
        for (JsonNode object : Kustomization.render(Overlay.K8S.resolve(kustomization))) {
            KubernetesTypes.check(object);
            if (!object.path("kind").asText().equals("Namespace")) {
                assertThat(object.at("/metadata/namespace").asText())
                        .as(object.at("/metadata/name").asText())
                        .isEqualTo("sluice");
            }
        }
    }

    /** Not required: where it is missing, our own reading of the kustomizations stands alone. */
    @ParameterizedTest
    @ValueSource(strings = {"overlays/single", "overlays/scale", "gateway"})
    void kubectlMakesTheSameOfIt(String kustomization) throws Exception {
        boolean present = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "kubectl")));
        Assumptions.assumeTrue(present, "kubectl is not installed");
        Path rendered = dir.resolve("rendered");
        new ExternalTool("kubectl")
                .run(Path.of("."), "kustomize", Overlay.K8S.resolve(kustomization), "-o", rendered)
                .succeeded();
        List<ObjectNode> theirs = Kustomization.documents(Files.readString(rendered));
        theirs.forEach(ManifestsTest::unhash);
        assertThat(Kustomization.render(Overlay.K8S.resolve(kustomization)))
                .isNotEmpty()
                .containsExactlyInAnyOrderElementsOf(theirs);
    }

    private static void unhash(ObjectNode object) {
        List<JsonNode> holders = new ArrayList<>();
        if (object.path("kind").asText().equals("ConfigMap")) {
            holders.add(object.path("metadata"));
        }
        object.at("/spec/template/spec/volumes").forEach(volume -> holders.add(volume.path("configMap")));
        holders.stream()
                .filter(holder -> holder.has("name"))
                .forEach(holder -> ((ObjectNode) holder)
                        .put("name", HASH.matcher(holder.path("name").asText()).replaceFirst("")));
    }

    @Test
    void everyKustomizationAndEveryFileOfItIsUsed() throws Exception {
        Set<String> used = new TreeSet<>();
        try (Stream<Path> files = Files.walk(Overlay.K8S)) {
            for (Path file : (Iterable<Path>) files.filter(path -> path.endsWith("kustomization.yaml"))::iterator) {
                Matcher name = Pattern.compile("[\\w./-]+\\.(?:yaml|json)\\b").matcher(Files.readString(file));
                while (name.find()) {
                    used.add(file.resolveSibling(name.group()).normalize().toString());
                }
                used.add(file.toString());
            }
        }
        try (Stream<Path> files = Files.walk(Overlay.K8S)) {
            assertThat(files.map(Path::toString).filter(file -> file.matches(".*\\.(yaml|json)")))
                    .isSubsetOf(used);
        }
    }

    /** The Pod Security Standard "restricted", and a root that cannot be written. */
    @ParameterizedTest
    @EnumSource
    void podsAreRestricted(Overlay overlay) throws Exception {
        assertThat(overlay.one("Namespace")
                        .at("/metadata/labels")
                        .path("pod-security.kubernetes.io/enforce")
                        .asText())
                .isEqualTo("restricted");
        String dockerfile = Files.readString(Overlay.K8S.resolve("Dockerfile"));
        List<JsonNode> pods = overlay.objects().stream()
                .map(object -> object.at("/spec/template/spec"))
                .filter(JsonNode::isObject)
                .toList();
        assertThat(pods).hasSize(overlay == Overlay.SCALE ? 2 : 1);
        for (JsonNode pod : pods) {
            JsonNode security = pod.path("securityContext");
            assertThat(security.path("runAsNonRoot").asBoolean()).isTrue();
            assertThat(security.at("/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
            assertThat(dockerfile)
                    .contains("USER " + security.path("runAsUser").asText() + ":"
                            + security.path("runAsGroup").asText() + "\n");
            assertThat(pod.path("automountServiceAccountToken").asBoolean(true)).isFalse();
            assertThat(pod.path("enableServiceLinks").asBoolean(true)).isFalse();
            assertThat(pod.path("containers")).hasSize(1);
            JsonNode container = pod.at("/containers/0");
            JsonNode own = container.path("securityContext");
            assertThat(own.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
            assertThat(own.path("readOnlyRootFilesystem").asBoolean()).isTrue();
            assertThat(Overlay.texts(own.at("/capabilities/drop"))).containsExactly("ALL");
            assertThat(own.at("/capabilities/add").isMissingNode()).isTrue();
            assertThat(Overlay.mounts(container)).containsEntry("tmp", "/tmp");
            assertThat(container.at("/resources/limits/memory").asText()).isNotEmpty();
            for (String mounted : Overlay.mounts(container).keySet()) {
                assertThat(Overlay.volume(pod, mounted).isMissingNode())
                        .as(mounted)
                        .isFalse();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsNamedIsThere(Overlay overlay) throws Exception {
        JsonNode pod = overlay.pod();
        assertThat(overlay.one("ServiceAccount").at("/metadata/name")).isEqualTo(pod.path("serviceAccountName"));
        overlay.named(
                "ConfigMap", Overlay.volume(pod, "config").at("/configMap/name").asText());
        JsonNode claim = overlay.named(
                "PersistentVolumeClaim",
                Overlay.volume(pod, "data")
                        .at("/persistentVolumeClaim/claimName")
                        .asText());
        boolean single = overlay == Overlay.SINGLE;
        assertThat(Overlay.texts(claim.at("/spec/accessModes")))
                .containsExactly(single ? "ReadWriteOnce" : "ReadWriteMany");
        JsonNode deployment = overlay.one("Deployment");
        assertThat(deployment.at("/spec/strategy/type").asText()).isEqualTo(single ? "Recreate" : "RollingUpdate");
        // Beside an autoscaler a number here would be its rival at each apply.
        assertThat(deployment.at("/spec/replicas").asInt(-1)).isEqualTo(single ? 1 : -1);
    }

    @ParameterizedTest
    @EnumSource
    void selectorsMeanTheServersAndNothingElse(Overlay overlay) throws Exception {
        JsonNode servers = overlay.one("Deployment").at("/spec/template/metadata/labels");
        List<JsonNode> meant = new ArrayList<>();
        meant.add(overlay.one("Deployment").at("/spec/selector/matchLabels"));
        meant.add(overlay.one("Service").at("/spec/selector"));
        meant.add(overlay.named("Service", "sluice-management").at("/spec/selector"));
        meant.add(overlay.named("NetworkPolicy", "sluice-http").at("/spec/podSelector/matchLabels"));
        overlay.pod()
                .path("topologySpreadConstraints")
                .forEach(spread -> meant.add(spread.at("/labelSelector/matchLabels")));
        if (overlay == Overlay.SCALE) {
            meant.add(overlay.one("PodDisruptionBudget").at("/spec/selector/matchLabels"));
            assertThat(overlay.one("ServiceMonitor").at("/spec/selector/matchLabels"))
                    .isEqualTo(overlay.named("Service", "sluice-management").at("/metadata/labels"));
            JsonNode scaled = overlay.one("HorizontalPodAutoscaler").at("/spec/scaleTargetRef");
            overlay.named(scaled.path("kind").asText(), scaled.path("name").asText());
        }
        assertThat(meant).hasSizeGreaterThan(5).allMatch(servers::equals);
    }
}
