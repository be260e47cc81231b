package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.archive.ExternalTool;
import dev.sluice.config.Settings;
import java.io.File;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds {@code k8s/}, as it would be applied, against Kubernetes' types, the configuration and a server that runs. */
class ManifestsTest {
    private static final Path K8S = Path.of("k8s");
    private static final String SECRETS = "/run/secrets/sluice";
    private static final Pattern FILE_IN_SECRETS = Pattern.compile(SECRETS + "/([a-z0-9-]+)");
    private static final Pattern HASH = Pattern.compile("-[a-z0-9]{10}$");

    /** A good one for each secret that a file may hold. */
    private static final Map<String, String> SECRET = Map.of(
            "jwt-public-key",
            "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n",
            "links",
            "k2:bmV3ZXIta2V5LW9mLTMyLWJ5dGVzLW9yLW1vcmUhISE=,k1:b2xkZXIta2V5LW9mLTMyLWJ5dGVzLW9yLW1vcmUhISE=",
            "database-url",
            "postgresql://sluice_app:password@postgres:5432/sluice",
            "database-owner-url",
            "postgresql://sluice_owner:password@postgres:5432/sluice",
            "s3-access-key",
            "access",
            "s3-secret-key",
            "secret");

    private enum Overlay {
        SINGLE,
        SCALE;

        List<ObjectNode> objects() throws Exception {
            return Kustomization.render(path());
        }

        Path path() {
            return K8S.resolve("overlays").resolve(name().toLowerCase(java.util.Locale.ROOT));
        }

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

        JsonNode pod() throws Exception {
            return one("Deployment").at("/spec/template/spec");
        }

        JsonNode container() throws Exception {
            return pod().at("/containers/0");
        }
    }

    @TempDir
    private Path dir;

    @ParameterizedTest
    @ValueSource(strings = {"overlays/single", "overlays/scale", "gateway"})
    void everyObjectIsAsKubernetesTypesSay(String kustomization) throws Exception {
        for (JsonNode object : Kustomization.render(K8S.resolve(kustomization))) {
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
                .run(Path.of("."), "kustomize", K8S.resolve(kustomization), "-o", rendered)
                .succeeded();
        List<ObjectNode> theirs = Kustomization.documents(Files.readString(rendered));
        theirs.forEach(ManifestsTest::unhash);
        assertThat(Kustomization.render(K8S.resolve(kustomization)))
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
        try (Stream<Path> files = Files.walk(K8S)) {
            for (Path file : (Iterable<Path>) files.filter(path -> path.endsWith("kustomization.yaml"))::iterator) {
                Matcher name = Pattern.compile("[\\w./-]+\\.(?:yaml|json)\\b").matcher(Files.readString(file));
                while (name.find()) {
                    used.add(file.resolveSibling(name.group()).normalize().toString());
                }
                used.add(file.toString());
            }
        }
        try (Stream<Path> files = Files.walk(K8S)) {
            assertThat(files.map(Path::toString).filter(file -> file.matches(".*\\.(yaml|json)")))
                    .isSubsetOf(used);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theConfigurationIsTakenByTheServer(Overlay overlay) throws Exception {
        ServerConfig config = config(overlay);
        assertThat(config.http().trustedProxies()).isNotEmpty();
        assertThat(config.data().dir()).hasToString(mountOf(overlay, "data"));
        assertThat(config.data().workspaceDir().startsWith(mountOf(overlay, "data")))
                .isTrue();
        assertThat(config.links().keys()).isNotEmpty();
        assertThat(config.database().url().isPresent()).isEqualTo(overlay == Overlay.SCALE);
        assertThat(config.storage().kind())
                .isEqualTo(overlay == Overlay.SCALE ? ServerConfig.Storage.Kind.S3 : ServerConfig.Storage.Kind.LOCAL);
    }

    /** As the container's arguments, environment and mounts make it; secrets by files alone. */
    private ServerConfig config(Overlay overlay) throws Exception {
        JsonNode container = overlay.container();
        List<String> arguments = texts(container.path("args"));
        assertThat(arguments).containsExactly("serve", "--config", mountOf(overlay, "config") + "/sluice.yaml");
        String yaml = overlay.one("ConfigMap").at("/data/sluice.yaml").textValue();
        assertThat(mountOf(overlay, "secrets")).isEqualTo(SECRETS);
        return ServerConfig.from(
                Settings.read(Optional.of(withSecrets(yaml)), environment(container), Map.of()),
                ServerConfig.Mode.PRODUCTION);
    }

    private Path withSecrets(String yaml) throws Exception {
        Matcher file = FILE_IN_SECRETS.matcher(yaml);
        while (file.find()) {
            secret(file.group(1));
        }
        return Files.writeString(dir.resolve("sluice.yaml"), yaml.replace(SECRETS, dir.toString()));
    }

    private Path secret(String name) throws Exception {
        assertThat(SECRET).containsKey(name);
        assertThat(Files.readString(K8S.resolve("README.md")))
                .as("how to make the Secret")
                .contains("--from-file=" + name);
        return Files.writeString(dir.resolve(name), SECRET.get(name));
    }

    private Map<String, String> environment(JsonNode container) throws Exception {
        Map<String, String> environment = new HashMap<>();
        for (JsonNode variable : container.path("env")) {
            String value = variable.path("value").asText();
            Matcher file = FILE_IN_SECRETS.matcher(value);
            environment.put(
                    variable.path("name").asText(),
                    file.matches() ? secret(file.group(1)).toString() : value);
        }
        return environment;
    }

    @Test
    void theMigrationKnowsTheOwnersPasswordAndTheServersDoNot() throws Exception {
        JsonNode pod = Overlay.SCALE.named("Job", "sluice-migrate").at("/spec/template/spec");
        JsonNode container = pod.at("/containers/0");
        assertThat(texts(container.path("args"))).containsExactly("migrate");
        ServerConfig config = ServerConfig.from(
                Settings.read(
                        Optional.of(Files.createFile(dir.resolve("empty.yaml"))), environment(container), Map.of()),
                ServerConfig.Mode.TOOL);
        assertThat(config.database().url().orElseThrow().reveal()).contains("sluice_owner");
        assertThat(config(Overlay.SCALE).database().url().orElseThrow().reveal())
                .doesNotContain("sluice_owner");
        assertThat(volume(pod, "secrets").at("/secret/secretName").asText())
                .isNotEqualTo(volume(Overlay.SCALE.pod(), "secrets")
                        .at("/secret/secretName")
                        .asText());
    }

    @ParameterizedTest
    @EnumSource
    void aPodIsGivenTheTimeThatADrainTakes(Overlay overlay) throws Exception {
        Duration grace = Duration.ofSeconds(
                overlay.pod().path("terminationGracePeriodSeconds").asLong());
        Duration before = Duration.ofSeconds(
                overlay.container().at("/lifecycle/preStop/sleep/seconds").asLong());
        assertThat(before).isPositive();
        assertThat(grace)
                .isGreaterThan(
                        before.plus(config(overlay).delivery().drainTimeout()).plus(Main.STOPPING_TAKES));
    }

    @ParameterizedTest
    @EnumSource
    void portsAreThoseOfTheConfiguration(Overlay overlay) throws Exception {
        ServerConfig config = config(overlay);
        Map<String, Integer> ports = new HashMap<>();
        overlay.container()
                .path("ports")
                .forEach(port -> ports.put(
                        port.path("name").asText(), port.path("containerPort").asInt()));
        assertThat(ports)
                .isEqualTo(Map.of(
                        "http",
                        config.http().port(),
                        "management",
                        config.management().port()));
        assertThat(overlay.one("Service").at("/spec/ports/0/targetPort").asText())
                .isEqualTo("http");
        assertThat(overlay.named("Service", "sluice-management")
                        .at("/spec/ports/0/targetPort")
                        .asText())
                .isEqualTo("management");
        assertThat(allowedFrom(overlay, "sluice-http")).isEqualTo(config.http().port());
        assertThat(allowedFrom(overlay, "sluice-management"))
                .isEqualTo(config.management().port());
        JsonNode backend = overlay.one("Ingress").at("/spec/rules/0/http/paths/0/backend/service");
        assertThat(overlay.named("Service", backend.path("name").asText()).at("/spec/ports/0/name"))
                .isEqualTo(backend.at("/port/name"));
        JsonNode route = Kustomization.render(K8S.resolve("gateway")).get(0).at("/spec/rules/0/backendRefs/0");
        assertThat(overlay.named("Service", route.path("name").asText()).at("/spec/ports/0/port"))
                .isEqualTo(route.path("port"));
    }

    private static int allowedFrom(Overlay overlay, String policy) throws Exception {
        return overlay.named("NetworkPolicy", policy)
                .at("/spec/ingress/0/ports/0/port")
                .asInt();
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
        String dockerfile = Files.readString(K8S.resolve("Dockerfile"));
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
            assertThat(texts(own.at("/capabilities/drop"))).containsExactly("ALL");
            assertThat(own.at("/capabilities/add").isMissingNode()).isTrue();
            assertThat(mounts(container)).containsEntry("tmp", "/tmp");
            assertThat(container.at("/resources/limits/memory").asText()).isNotEmpty();
            for (String mounted : mounts(container).keySet()) {
                assertThat(volume(pod, mounted).isMissingNode()).as(mounted).isFalse();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsNamedIsThere(Overlay overlay) throws Exception {
        JsonNode pod = overlay.pod();
        assertThat(overlay.one("ServiceAccount").at("/metadata/name")).isEqualTo(pod.path("serviceAccountName"));
        overlay.named("ConfigMap", volume(pod, "config").at("/configMap/name").asText());
        JsonNode claim = overlay.named(
                "PersistentVolumeClaim",
                volume(pod, "data").at("/persistentVolumeClaim/claimName").asText());
        boolean single = overlay == Overlay.SINGLE;
        assertThat(texts(claim.at("/spec/accessModes"))).containsExactly(single ? "ReadWriteOnce" : "ReadWriteMany");
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

    @Test
    void probesAskWhatIsAnsweredAndScalingGoesByWhatIsTold() throws Exception {
        try (TestServer server = TestServer.start()) {
            for (Overlay overlay : Overlay.values()) {
                for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
                    JsonNode asked = overlay.container().at("/" + probe + "/httpGet");
                    assertThat(asked.path("port").asText()).isEqualTo("management");
                    assertThat(managed(server, asked.path("path").asText()))
                            .as(probe)
                            .isEqualTo(200);
                }
            }
            assertThat(managed(server, "/health/nothing")).isEqualTo(404);
            JsonNode scrape = Overlay.SCALE.one("ServiceMonitor").at("/spec/endpoints/0");
            assertThat(scrape.path("port"))
                    .isEqualTo(
                            Overlay.SCALE.named("Service", "sluice-management").at("/spec/ports/0/name"));
            assertThat(managed(server, scrape.path("path").asText())).isEqualTo(200);
            JsonNode scaling = Overlay.SCALE.one("HorizontalPodAutoscaler").path("spec");
            String metric = scaling.at("/metrics/0/pods/metric/name").asText();
            assertThat(new Metrics(server).text().lines())
                    .as("a gauge, which an adapter gives by its own name")
                    .contains("# TYPE " + metric + " gauge")
                    .anyMatch(line -> line.startsWith(metric + " "));
            assertThat(scaling.at("/metrics/0/pods/target/averageValue").asInt())
                    .isLessThan(config(Overlay.SCALE).delivery().maxStreams());
            assertThat(scaling.path("minReplicas").asInt()).isGreaterThan(1);
        }
    }

    private static int managed(TestServer server, String path) {
        return server.send(HttpRequest.newBuilder(server.managementUri(path))).statusCode();
    }

    private static String mountOf(Overlay overlay, String volume) throws Exception {
        return Optional.ofNullable(mounts(overlay.container()).get(volume)).orElseThrow();
    }

    private static Map<String, String> mounts(JsonNode container) {
        return StreamSupport.stream(container.path("volumeMounts").spliterator(), false)
                .collect(Collectors.toMap(
                        mount -> mount.path("name").asText(),
                        mount -> mount.path("mountPath").asText()));
    }

    private static JsonNode volume(JsonNode pod, String name) {
        return StreamSupport.stream(pod.path("volumes").spliterator(), false)
                .filter(volume -> volume.path("name").asText().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no volume " + name));
    }

    private static List<String> texts(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }
}
