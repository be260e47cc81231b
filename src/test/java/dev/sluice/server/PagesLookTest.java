package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.sluice.access.Scope;
import dev.sluice.server.Chromium.Look;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every page in light, in dark and on a phone: nothing sticks out, axe finds nothing serious, and a picture is kept. */
class PagesLookTest {
    private static final Path PICTURES = Path.of("target", "screenshots");
    private static final Set<String> SERIOUS = Set.of("serious", "critical");

    private static TestServer server;
    private static Chromium chromium;
    private static Map<String, String> pages;

    @BeforeAll
    static void start() {
        Chromium.requirePresent();
        server = TestServer.start();
        chromium = new Chromium();
        Models models = new Models(server);
        String[] ids = new String[3];
        for (int i = 0; i < ids.length; i++) {
            String job = "look-" + i;
            server.register("alice", job);
            models.run(job);
            models.metrics(
                    job,
                    "[{\"step\":0,\"train_loss\":3},{\"step\":50,\"train_loss\":2,\"validation_loss\":2.1},"
                            + "{\"step\":100,\"train_loss\":" + (2.8 - i) + ",\"validation_loss\":2.2}]");
            models.upload(
                    job,
                    Map.of(
                            "model/checkpoint-1/weights.bin",
                            new byte[] {1},
                            "model/" + "a-rather-long-name-".repeat(8) + ".bin",
                            new byte[] {(byte) i},
                            "training.log",
                            "step 1 loss 2.5\n".repeat(50).getBytes(StandardCharsets.UTF_8)));
            models.complete(job);
            ids[i] = models.published("alice", job).getString("id");
        }
        server.completed(
                "alice",
                "automl",
                Map.of(
                        "models/best_model.pkl",
                        new byte[] {(byte) 0x80, 4, 'N', '.'},
                        "models/leaderboard.csv",
                        "model,accuracy,f1,seconds\nforest,0.91,0.9,12\ntree,0.8,0.7,1\n"
                                .getBytes(StandardCharsets.UTF_8)));
        models.published("alice", "automl");
        server.get(server.token("alice"), "/api/models/" + ids[0] + "/archive");
        Models.eventually(() -> assertThat(Responses.json(server.get(server.token("alice"), "/api/downloads"))
                        .getJsonArray("downloads"))
                .hasSize(1));
        pages = new LinkedHashMap<>();
        pages.put("models", "/models");
        pages.put("no-models", "/models?q=nothing-is-called-that");
        pages.put("model", "/models/" + ids[0]);
        pages.put("compare", "/models/compare?ids=" + String.join(",", List.of(ids)));
        pages.put("jobs", "/jobs");
        pages.put("job", "/jobs/look-0");
        pages.put("leaderboard", "/jobs/automl");
        pages.put("catalog", "/catalog");
        pages.put("downloads", "/downloads");
    }

    @AfterAll
    static void stop() {
        if (chromium != null) {
            chromium.close();
        }
        if (server != null) {
            server.close();
        }
    }

    @ParameterizedTest
    @EnumSource(Look.class)
    void everyPageIsAccessibleAndFits(Look look) {
        Page page = chromium.open(look);
        page.navigate(server.uri("/models").toString());
        judge(page, "sign-in", look);
        page.context().close();
        Page signedIn = chromium.signedIn(look, server.uri("/"), server.token("alice", Scope.ADMIN));
        pages.forEach((name, path) -> {
            signedIn.navigate(server.uri(path).toString());
            Chromium.settle(signedIn);
            if (name.equals("leaderboard")) {
                // Asked for only when the job is known.
                signedIn.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("Leaderboard"))
                        .waitFor();
            }
            judge(signedIn, name, look);
        });
        signedIn.context().close();
        chromium.assertNoComplaints();
    }

    private static void judge(Page page, String name, Look look) {
        page.screenshot(new Page.ScreenshotOptions()
                .setFullPage(true)
                .setPath(PICTURES.resolve(name + "-" + look.name().toLowerCase(java.util.Locale.ROOT) + ".png")));
        assertThat((Boolean) page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
                .as("%s fits %s", name, look)
                .isTrue();
        if (look == Look.PHONE) {
            // The same elements in the same colours.
            return;
        }
        List<Rule> serious = new AxeBuilder(page)
                .analyze().getViolations().stream()
                        .filter(rule -> SERIOUS.contains(rule.getImpact()))
                        .toList();
        assertThat(serious)
                .as(() -> name + " in " + look + ": "
                        + serious.stream()
                                .map(rule -> rule.getId() + " "
                                        + rule.getNodes().stream()
                                                .map(node -> node.getTarget() + " " + node.getFailureSummary())
                                                .toList())
                                .collect(Collectors.joining("\n")))
                .isEmpty();
    }
}
