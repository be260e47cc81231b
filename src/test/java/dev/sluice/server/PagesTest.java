package dev.sluice.server;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.sluice.server.CuttingProxy.Cut;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What people do with the pages, in a real browser that must have nothing to complain about. */
class PagesTest {
    private static final byte[] WEIGHTS = new byte[3_000_000];
    private static final String XSS = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>";

    private static TestServer server;
    private static Models models;
    private static Chromium chromium;

    @BeforeAll
    static void start() {
        Chromium.requirePresent();
        new Random(9).nextBytes(WEIGHTS);
        server = TestServer.start();
        models = new Models(server);
        chromium = new Chromium();
        for (int i = 1; i <= 13; i++) {
            train("alice", "run-" + i, "model " + i, 3.0 - 0.2 * i, Map.of("model/a.bin", new byte[] {(byte) i}));
        }
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

    @AfterEach
    void nobodyComplained() {
        chromium.assertNoComplaints();
    }

    /** A job that went from a loss of 3 to another, published. */
    static String train(String owner, String job, String name, double loss, Map<String, byte[]> files) {
        String registration = new io.vertx.core.json.JsonObject()
                .put("job_id", job)
                .put("owner", owner)
                .put("name", name)
                .put("config", new io.vertx.core.json.JsonObject().put("learning_rate", 0.001))
                .put("total_cost", 1.5)
                .encode();
        Models.expect(201, server.post(server.trainer(), "/api/training/jobs", registration));
        models.run(job);
        models.metrics(
                job,
                "[{\"step\":0,\"train_loss\":3,\"validation_loss\":3.1},{\"step\":10,\"train_loss\":" + loss
                        + ",\"validation_loss\":" + loss + "}]");
        models.upload(job, files);
        models.complete(job);
        return models.published(owner, job).getString("id");
    }

    private static Page signedIn(String owner) {
        return chromium.signedIn(Chromium.Look.LIGHT, server.uri("/"), server.token(owner));
    }

    private static void go(Page page, String path) {
        page.navigate(server.uri(path).toString());
        Chromium.settle(page);
    }

    private static byte[] content(Download download) {
        try {
            assertThat(download.failure()).isNull();
            return Files.readAllBytes(download.path());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Test
    void fromTheFormToAnUnzippedFile() {
        train(
                "walker",
                "walk",
                "the walk",
                1,
                Map.of("model/weights.bin", WEIGHTS, "model/b/config.json", "{}".getBytes(UTF_8)));
        Page page = chromium.open(Chromium.Look.LIGHT);
        page.navigate(server.uri("/models").toString());
        page.getByLabel("Access token").fill(server.token("walker"));
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Sign in"))
                .click();
        page.getByTestId("model-card").click();
        assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("the walk")))
                .isVisible();
        assertThat(page.getByTestId("stars")).hasAttribute("aria-label", "5 of 5 stars");
        assertThat(page.getByTestId("quality")).hasText("excellent");
        Download download =
                page.waitForDownload(() -> page.getByTestId("download").click());
        assertThat(download.suggestedFilename()).isEqualTo("the walk_v1.zip");
        Map<String, byte[]> files = Responses.unzipped(content(download));
        assertThat(files).containsOnlyKeys("weights.bin", "b/config.json");
        assertThat(files.get("weights.bin")).isEqualTo(WEIGHTS);
        page.context().close();
    }

    @Test
    void someFilesAreAZipOfThem() {
        String id = train(
                "picker",
                "some",
                "some",
                1,
                Map.of("model/a.txt", "a".getBytes(UTF_8), "model/b.txt", "b".getBytes(UTF_8)));
        Page page = signedIn("picker");
        go(page, "/models/" + id);
        page.getByLabel("Select b.txt").check();
        Download download =
                page.waitForDownload(() -> page.getByText("Download selected").click());
        assertThat(Responses.unzipped(content(download))).containsOnlyKeys("b.txt");
        page.context().close();
    }

    @Test
    void aDownloadWhoseLineIsCutGoesOnByItself() throws IOException {
        train("rider", "ride", "the ride", 1, Map.of("model/weights.bin", WEIGHTS));
        try (CuttingProxy proxy = new CuttingProxy(server, Optional.empty(), "/dl/", Cut.closedAfter(1_000_000))) {
            Page page = chromium.signedIn(Chromium.Look.LIGHT, proxy.uri("/"), server.token("rider"));
            page.getByTestId("model-card").click();
            Download download =
                    page.waitForDownload(() -> page.getByTestId("download").click());
            assertThat(Responses.unzipped(content(download)).get("weights.bin")).isEqualTo(WEIGHTS);
            assertThat(proxy.exchanges()).as(proxy.exchanges()::toString).hasSize(2);
            assertThat(proxy.exchanges().get(1).status()).isEqualTo(206);
            assertThat(proxy.exchanges().get(1).asked("range")).isEqualTo("bytes=1000000-");
            page.context().close();
        }
    }

    @Test
    void thereAreTwelveOnAPageSortedAndFound() {
        Page page = signedIn("alice");
        Locator cards = page.getByTestId("model-card");
        assertThat(cards).hasCount(12);
        assertThat(page.getByText("13 models")).isVisible();
        page.getByTestId("next-page").click();
        assertThat(cards).hasCount(1);
        assertThat(cards.first()).containsText("model 1");
        assertThat(page).hasURL(java.util.regex.Pattern.compile(".*page=2"));
        page.goBack();
        assertThat(cards).hasCount(12);
        page.getByLabel("Sort").selectOption("quality");
        assertThat(cards.first().getByTestId("stars")).hasAttribute("aria-label", "5 of 5 stars");
        page.getByLabel("Search").fill("model 13");
        assertThat(cards).hasCount(1);
        page.getByLabel("Search").fill("no such thing");
        assertThat(page.getByTestId("empty")).containsText("No models match");
        page.context().close();
    }

    @Test
    void severalModelsAreComparedOrDeleted() {
        train("chooser", "c1", "first", 1, Map.of("model/a", new byte[] {1}));
        train("chooser", "c2", "second", 2.8, Map.of("model/a", new byte[] {2}));
        Page page = signedIn("chooser");
        page.getByLabel("Select first, version 1").check();
        page.getByLabel("Select second, version 1").check();
        page.getByText("Compare").click();
        assertThat(page.getByTestId("loss-curve").locator("path.curve")).hasCount(4);
        assertThat(page.locator("tr.differs").first()).isVisible();
        page.goBack();
        page.getByLabel("Select second, version 1").check();
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Delete"))
                .click();
        page.getByRole(AriaRole.DIALOG)
                .getByText("Delete", new Locator.GetByTextOptions().setExact(true))
                .click();
        assertThat(page.getByTestId("model-card")).hasCount(1);
        page.context().close();
    }

    @Test
    void theLossUnderThePointerIsTold() {
        String id = train("reader", "curve", "curve", 1.25, Map.of("model/a", new byte[] {1}));
        Page page = signedIn("reader");
        go(page, "/models/" + id);
        Locator slider = page.getByTestId("loss-curve").getByRole(AriaRole.SLIDER);
        slider.hover();
        assertThat(page.locator(".tip")).isVisible();
        slider.press("End");
        assertThat(page.locator(".tip")).containsText("Step 10");
        assertThat(page.locator(".tip")).containsText("1.25");
        page.context().close();
    }

    @Test
    void namesAreNeverMarkup() {
        String id = train("xss", "xss-1", XSS, 1, Map.of("model/%3Cb%3E%22x%27.txt", new byte[] {1}));
        String other = train("xss", "xss-2", XSS, 2, Map.of("model/a", new byte[] {2}));
        Models.expect(
                200,
                server.patch(
                        server.token("xss"),
                        "/api/models/" + id,
                        new io.vertx.core.json.JsonObject()
                                .put("description", XSS)
                                .put("tags", new io.vertx.core.json.JsonArray().add("<b>tag"))
                                .encode()));
        server.write("xss-1", "training.log", (XSS + "\n").getBytes(UTF_8));
        Page page = signedIn("xss");
        for (String path : new String[] {
            "/models", "/models/" + id, "/models/compare?ids=" + id + "," + other, "/jobs", "/jobs/xss-1"
        }) {
            go(page, path);
            assertThat(page.getByText(XSS).first()).isVisible();
            assertThat(page.locator("img, main script, main b:not(.tip b)")).hasCount(0);
        }
        go(page, "/models/" + id);
        assertThat(page.getByText("<b>\"x'.txt", new Page.GetByTextOptions().setExact(true)))
                .isVisible();
        page.locator("#bell").click();
        assertThat(page.locator("#notifications")).containsText(XSS);
        assertThat(page.locator("img")).hasCount(0);
        page.context().close();
    }

    @Test
    void anothersModelIsNotThereUntilItIsShared() {
        String id = train("owner", "theirs", "theirs", 1, Map.of("model/a", new byte[] {1}));
        Page page = signedIn("guest");
        assertThat(page.getByTestId("empty")).containsText("No models yet");
        chromium.assertNoComplaints();
        go(page, "/models/" + id);
        assertThat(page.getByText("Model not found")).isVisible();
        go(page, "/jobs/theirs");
        assertThat(page.getByText("Job not found")).isVisible();
        // The browser itself reports each 404.
        chromium.forgetComplaints();
        Page owner = signedIn("owner");
        go(owner, "/models/" + id);
        owner.getByLabel("Owner to share with").fill("guest");
        owner.getByRole(
                        AriaRole.BUTTON,
                        new Page.GetByRoleOptions().setName("Share").setExact(true))
                .click();
        assertThat(owner.getByLabel("Stop sharing with guest")).isVisible();
        go(page, "/models/" + id);
        assertThat(page.getByText("from owner")).isVisible();
        assertThat(page.getByText("Edit")).hasCount(0);
        page.context().close();
        owner.context().close();
    }

    @Test
    void aCheckpointIsChosenAndTheBestIsSavedUnderAName() {
        server.completed(
                "maker",
                "made",
                Map.of(
                        "model/checkpoint-5/w.bin", new byte[] {5},
                        "model/checkpoint-9/w.bin", new byte[] {9},
                        "models/best_model.pkl", new byte[] {(byte) 0x80, 4, 'N', '.'},
                        "models/leaderboard.csv",
                                "model,accuracy\nforest,0.91\ntree,0.8\nbayes,0.7\nknn,0.6\nline,0.5\nnone,0.4\n"
                                        .getBytes(UTF_8)));
        Page page = signedIn("maker");
        go(page, "/jobs/made");
        Locator checkpoint = page.getByTestId("checkpoint-select");
        checkpoint.selectOption(checkpoint
                .locator("option", new Locator.LocatorOptions().setHasText("checkpoint-9"))
                .getAttribute("value"));
        Download download =
                page.waitForDownload(() -> page.getByTestId("download").click());
        assertThat(download.suggestedFilename()).isEqualTo("model_made_checkpoint-9.zip");
        assertThat(Responses.unzipped(content(download))).containsOnlyKeys("w.bin");
        assertThat(page.getByTestId("leaderboard").locator("tbody tr")).hasCount(5);
        assertThat(page.locator("tr.best")).containsText("forest");
        assertThat(page.waitForDownload(
                                () -> page.getByText("Performance Report").click())
                        .suggestedFilename())
                .isEqualTo("leaderboard_made.csv");
        page.getByTestId("save").click();
        page.getByLabel("Name", new Page.GetByLabelOptions().setExact(true)).fill("kept");
        page.getByLabel("Tags, separated by commas").fill("one, two");
        page.getByText("Save model").last().click();
        assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("kept")))
                .isVisible();
        assertThat(page.locator(".tag")).hasCount(2);
        page.context().close();
    }

    @Test
    void aJobIsWatchedWhileItRuns() throws IOException {
        server.register("watcher", "live");
        models.run("live");
        server.write("live", "training.log", "step 1\n".getBytes(UTF_8));
        server.write("live", "progress.json", "{\"step\":1,\"total_steps\":4}".getBytes(UTF_8));
        Page page = signedIn("watcher");
        go(page, "/jobs/live");
        Locator log = page.getByRole(AriaRole.LOG);
        assertThat(log).hasText("step 1\n");
        assertThat(page.getByRole(AriaRole.PROGRESSBAR)).hasAttribute("aria-valuenow", "25");
        // As trainers do: a log that is written anew is empty for a moment.
        Files.writeString(server.workspace().resolve("live/training.log"), "step 2\n", StandardOpenOption.APPEND);
        assertThat(log).hasText("step 1\nstep 2\n");
        models.complete("live");
        assertThat(page.getByTestId("status")).hasText("completed");
        page.context().close();
    }

    @Test
    void theKeyboardIsEnough() {
        train("typist", "keys", "keys", 1, Map.of("model/a", new byte[] {1}));
        Page page = chromium.open(Chromium.Look.LIGHT);
        page.navigate(server.uri("/models").toString());
        // Browsers give the focus to what asks for it when they have painted, which may be after the page is loaded.
        assertThat(page.getByLabel("Access token")).isFocused();
        page.keyboard().insertText(server.token("typist"));
        page.keyboard().press("Enter");
        page.getByTestId("model-card").waitFor();
        tabTo(page, "document.activeElement.matches('.card h2 a')");
        page.keyboard().press("Enter");
        page.getByTestId("download").waitFor();
        tabTo(page, "document.activeElement.dataset.testid === 'download'");
        assertThat((String) page.evaluate("getComputedStyle(document.activeElement).outlineStyle"))
                .isEqualTo("solid");
        Download download = page.waitForDownload(() -> page.keyboard().press("Enter"));
        assertThat(download.suggestedFilename()).isEqualTo("keys_v1.zip");
        tabTo(page, "document.activeElement.textContent === 'Edit'", "Shift+Tab");
        page.keyboard().press("Enter");
        assertThat(page.getByRole(AriaRole.DIALOG)).isVisible();
        page.keyboard().press("Escape");
        assertThat(page.getByRole(AriaRole.DIALOG)).hasCount(0);
        page.context().close();
    }

    private static void tabTo(Page page, String test) {
        tabTo(page, test, "Tab");
    }

    private static void tabTo(Page page, String test, String key) {
        for (int presses = 0; presses < 60; presses++) {
            if (Boolean.TRUE.equals(page.evaluate(test))) {
                return;
            }
            page.keyboard().press(key);
        }
        throw new AssertionError("60 presses of " + key + " do not lead to where " + test);
    }

    @Test
    void signingOutEndsTheSession() {
        Page page = signedIn("leaver");
        page.locator(".menu summary").click();
        page.getByText("Sign out").click();
        assertThat(page.getByLabel("Access token")).isVisible();
        go(page, "/jobs");
        assertThat(page.getByLabel("Access token")).isVisible();
        page.context().close();
    }

    @Test
    void anErrorIsToldWhereItHappens() {
        String id = train("unlucky", "gone", "gone", 1, Map.of("model/a", new byte[] {1}));
        Page page = signedIn("unlucky");
        Chromium.stopClock(page);
        go(page, "/models/" + id);
        Models.expect(
                200,
                server.send(server.request(server.token("unlucky"), "/api/models/" + id)
                        .DELETE()));
        page.getByTestId("download").click();
        assertThat(page.locator(".toast.bad")).containsText("Model not found");
        chromium.forgetComplaints();
        page.context().close();
    }
}
