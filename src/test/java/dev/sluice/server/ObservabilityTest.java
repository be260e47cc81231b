package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.archive.ExternalTool;
import dev.sluice.storage.s3.TestS3;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The dashboard and the alert rules ask for nothing that a server does not tell. */
class ObservabilityTest {
    private static final Path DASHBOARD = Path.of("k8s", "grafana", "sluice.json");
    private static final Path RULES = Path.of("k8s", "prometheus", "sluice.rules.yaml");

    private static final Pattern NAME = Pattern.compile("\\b(?:sluice|jvm|process)_[a-z_]+");

    /** Told only once something has gone wrong. */
    private static final Set<String> OF_TROUBLE =
            Set.of("sluice_refusals_total", "sluice_records_lost_total", "sluice_store_retries_total");

    private static TestS3 s3;
    private static TestServer server;

    @TempDir
    private Path dir;

    @BeforeAll
    static void downloadAndUpload() throws InterruptedException {
        s3 = TestS3.start();
        server = TestServer.builder()
                .with("storage", "s3")
                .with("s3.endpoint", s3.endpoint().toString())
                .with("s3.bucket", s3.bucket().name())
                .with("s3.access-key", TestS3.ACCESS_KEY)
                .with("s3.secret-key", TestS3.SECRET_KEY)
                .start();
        server.completed("alice", "job", Map.of("model/a.bin", new byte[9]));
        assertThat(server.get(server.token("alice"), "/api/training/job/download/model")
                        .statusCode())
                .isEqualTo(200);
        Metrics metrics = new Metrics(server);
        metrics.await("sluice_downloads_total{kind=\"model\",outcome=\"completed\"}", 1);
    }

    @AfterAll
    static void stop() {
        server.close();
        s3.close();
    }

    /** Some are measured on a tick, or when the client has what it asked for. */
    private static void awaitTold(Set<String> names) {
        Models.eventually(() -> assertThat(told()).containsAll(names));
    }

    private static Set<String> told() {
        return new Metrics(server)
                .text()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split("[{ ]", 2)[0])
                .collect(Collectors.toSet());
    }

    private static Set<String> named(String text) {
        Set<String> names = new TreeSet<>();
        for (Matcher matcher = NAME.matcher(text); matcher.find(); ) {
            names.add(matcher.group());
        }
        names.removeAll(OF_TROUBLE);
        return names;
    }

    @Test
    void everyMeterOfTheDashboardIsTold() throws Exception {
        JsonArray panels = new JsonObject(Files.readString(DASHBOARD)).getJsonArray("panels");
        StringBuilder expressions = new StringBuilder();
        for (int i = 0; i < panels.size(); i++) {
            JsonArray targets = panels.getJsonObject(i).getJsonArray("targets");
            for (int j = 0; j < targets.size(); j++) {
                expressions.append(targets.getJsonObject(j).getString("expr")).append('\n');
            }
        }
        assertThat(named(expressions.toString())).hasSizeGreaterThan(8);
        awaitTold(named(expressions.toString()));
    }

    @Test
    void everyMeterOfTheAlertRulesIsTold() throws Exception {
        String rules = Files.readString(RULES);
        assertThat(named(rules)).hasSizeGreaterThan(3);
        awaitTold(named(rules));
    }

    @Test
    void promtoolTakesTheRules() throws IOException, InterruptedException {
        ObjectNode rule = Kustomization.documents(Files.readString(RULES)).get(0);
        Path groups =
                Files.writeString(dir.resolve("rules.yaml"), rule.path("spec").toString());
        new ExternalTool("promtool").run(Path.of("."), "check", "rules", groups).succeeded();
    }
}
