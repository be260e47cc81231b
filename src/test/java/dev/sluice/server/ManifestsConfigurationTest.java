package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.config.Settings;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Holds {@code k8s/}, as it would be applied, against the configuration and a server that runs. */
class ManifestsConfigurationTest {
    private static final String SECRETS = "/run/secrets/sluice";
    private static final Pattern FILE_IN_SECRETS = Pattern.compile(SECRETS + "/([a-z0-9-]+)");

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

    @TempDir
    private Path dir;

    @ParameterizedTest
    @EnumSource
    void theConfigurationIsTakenByTheServer(Overlay overlay) throws Exception {
        ServerConfig config = config(overlay);
        assertThat(config.http().trustedProxies()).isNotEmpty();
        assertThat(config.data().dir()).hasToString(overlay.mountOf("data"));
        assertThat(config.data().workspaceDir().startsWith(overlay.mountOf("data")))
                .isTrue();
        assertThat(config.links().keys()).isNotEmpty();
        assertThat(config.database().url().isPresent()).isEqualTo(overlay == Overlay.SCALE);
        assertThat(config.storage().kind())
                .isEqualTo(overlay == Overlay.SCALE ? StorageConfig.Kind.S3 : StorageConfig.Kind.LOCAL);
    }

    /** As the container's arguments, environment and mounts make it; secrets by files alone. */
    private ServerConfig config(Overlay overlay) throws Exception {
        JsonNode container = overlay.container();
        List<String> arguments = Overlay.texts(container.path("args"));
        assertThat(arguments).containsExactly("serve", "--config", overlay.mountOf("config") + "/sluice.yaml");
        String yaml = overlay.one("ConfigMap").at("/data/sluice.yaml").textValue();
        assertThat(overlay.mountOf("secrets")).isEqualTo(SECRETS);
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
        assertThat(Files.readString(Overlay.K8S.resolve("README.md")))
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
        assertThat(Overlay.texts(container.path("args"))).containsExactly("migrate");
        ServerConfig config = ServerConfig.from(
                Settings.read(
                        Optional.of(Files.createFile(dir.resolve("empty.yaml"))), environment(container), Map.of()),
                ServerConfig.Mode.TOOL);
        assertThat(config.database().url().orElseThrow().reveal()).contains("sluice_owner");
        assertThat(config(Overlay.SCALE).database().url().orElseThrow().reveal())
                .doesNotContain("sluice_owner");
        assertThat(Overlay.volume(pod, "secrets").at("/secret/secretName").asText())
                .isNotEqualTo(Overlay.volume(Overlay.SCALE.pod(), "secrets")
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
        JsonNode route =
                Kustomization.render(Overlay.K8S.resolve("gateway")).get(0).at("/spec/rules/0/backendRefs/0");
        assertThat(overlay.named("Service", route.path("name").asText()).at("/spec/ports/0/port"))
                .isEqualTo(route.path("port"));
    }

    private static int allowedFrom(Overlay overlay, String policy) throws Exception {
        return overlay.named("NetworkPolicy", policy)
                .at("/spec/ingress/0/ports/0/port")
                .asInt();
    }

    @Test
    void probesAskWhatIsAnsweredAndScalingGoesByWhatIsTold() throws Exception {
        try (TestServer server = TestServer.start()) {
            for (Overlay overlay : Overlay.values()) {
                for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
                    JsonNode asked = overlay.container().at("/" + probe + "/httpGet");
                    assertThat(asked.path("port").asText()).isEqualTo("management");
                    // Again, as a platform does: the database may be late with its answer.
                    Models.eventually(
                            () -> assertThat(managed(server, asked.path("path").asText()))
                                    .as(probe)
                                    .isEqualTo(200));
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
}
