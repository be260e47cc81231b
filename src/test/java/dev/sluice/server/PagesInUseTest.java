package dev.sluice.server;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.WaitUntilState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What people have typed, chosen or reached stays theirs on a page that is not ready yet, and on one that changes. */
class PagesInUseTest {
    private static TestServer server;
    private static Models models;
    private static Chromium chromium;

    @BeforeAll
    static void start() {
        Chromium.requirePresent();
        server = TestServer.start();
        models = new Models(server);
        chromium = new Chromium();
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

    private static Page signedIn(String owner) {
        return chromium.signedIn(Chromium.Look.LIGHT, server.uri("/"), server.token(owner));
    }

    @Test
    void whatIsTypedBeforeTheScriptIsThereIsSearchedFor() {
        for (String job : new String[] {"first", "second"}) {
            models.ofFiles("hasty", job, Map.of("model/a.bin", job.getBytes(UTF_8)));
        }
        Page page = signedIn("hasty");
        List<Route> held = new ArrayList<>();
        AtomicBoolean typed = new AtomicBoolean();
        page.route("**/models.js", route -> {
            if (typed.get()) {
                route.resume();
            } else {
                held.add(route);
            }
        });
        page.navigate(
                server.uri("/models?sort=quality").toString(),
                new Page.NavigateOptions().setWaitUntil(WaitUntilState.COMMIT));
        page.getByLabel("Search").fill("second");
        page.waitForCondition(() -> !held.isEmpty());
        typed.set(true);
        held.forEach(Route::resume);
        assertThat(page.getByTestId("model-card")).hasCount(1);
        assertThat(page.getByTestId("model-card")).containsText("second");
        assertThat(page.getByLabel("Search")).hasValue("second");
        assertThat(page.getByLabel("Sort")).hasValue("quality");
        assertThat(page).hasURL(Pattern.compile(".*\\?q=second&sort=quality"));
        page.context().close();
    }

    @Test
    void aChoiceAndTheFocusOutlastTheFilesOfAJobThatRuns() {
        server.register("chooser", "growing");
        models.run("growing");
        server.write("growing", "model/checkpoint-5/w.bin", new byte[] {5});
        server.write("growing", "model/checkpoint-9/w.bin", new byte[] {9});
        Page page = signedIn("chooser");
        page.navigate(server.uri("/jobs/growing").toString());
        Locator checkpoint = page.getByTestId("checkpoint-select");
        checkpoint.selectOption("checkpoint-9");
        page.getByTestId("download").focus();
        server.write("growing", "model/checkpoint-12/w.bin", new byte[] {12});
        assertThat(checkpoint.locator("option")).hasCount(4);
        assertThat(checkpoint).hasValue("checkpoint-9");
        assertThat(page.getByTestId("download")).isFocused();
        page.context().close();
    }
}
