package dev.sluice.server;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What an owner does with a model on its page, and what others see of it, in a real browser. */
class ModelPageTest {
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

    /** Returns the id of the model. */
    private static String publish(String owner, String job, String name, int content) {
        String registration = new io.vertx.core.json.JsonObject()
                .put("job_id", job)
                .put("owner", owner)
                .put("name", name)
                .encode();
        Models.expect(201, server.post(server.trainer(), "/api/training/jobs", registration));
        models.run(job);
        models.upload(job, Map.of("model/a.bin", new byte[] {(byte) content}));
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

    @Test
    void aShareLastsUntilItsOwnerRemovesIt() {
        String id = publish("sharer", "shared", "shared", 1);
        Page owner = signedIn("sharer");
        Chromium.stopClock(owner);
        go(owner, "/models/" + id);
        assertThat(owner.getByText("Only you can read this model.")).isVisible();
        owner.getByLabel("Owner to share with").fill("friend");
        owner.keyboard().press("Enter");
        assertThat(owner.locator(".toast")).containsText("Shared with friend");
        Page friend = signedIn("friend");
        assertThat(friend.getByTestId("model-card")).containsText("from sharer");
        owner.getByLabel("Stop sharing with friend").click();
        assertThat(owner.getByText("Only you can read this model.")).isVisible();
        go(friend, "/models");
        assertThat(friend.getByTestId("empty")).isVisible();
        owner.context().close();
        friend.context().close();
    }

    @Test
    void anEarlierVersionIsMadeTheLatest() {
        String first = publish("versioner", "run-1", "grown", 1);
        publish("versioner", "run-2", "grown", 2);
        Page page = signedIn("versioner");
        page.getByText("Filters").click();
        page.getByLabel("Only the latest version of each").check();
        assertThat(page.getByTestId("model-card")).hasCount(1);
        page.keyboard().press("Escape");
        page.getByTestId("model-card").getByRole(AriaRole.LINK).click();
        page.getByLabel("Make version 1 the latest").click();
        assertThat(page).hasURL(Pattern.compile(".*/models/(?!" + first + ").*"));
        assertThat(page.getByText("Version 3").first()).isVisible();
        assertThat(page.getByLabel("Make version 2 the latest")).isVisible();
        page.context().close();
    }

    @Test
    void aNotificationThatIsFollowedIsRead() {
        String id = publish("reader", "told-1", "told 1", 1);
        publish("reader", "told-2", "told 2", 2);
        Page page = signedIn("reader");
        Locator unread = page.locator("#unread");
        assertThat(unread).hasText("2");
        page.getByLabel("Notifications, 2 unread").click();
        assertThat(page.locator(".note.unread")).hasCount(2);
        page.locator("a.note")
                .filter(new Locator.FilterOptions().setHasText("told 1"))
                .click();
        assertThat(page).hasURL(Pattern.compile(".*/models/" + id));
        // What the click has told the server may come after the next page has been asked for.
        Models.eventually(() -> assertThat(Responses.json(server.get(server.token("reader"), "/api/notifications"))
                        .getInteger("unread"))
                .isEqualTo(1));
        page.reload();
        assertThat(unread).hasText("1");
        page.getByLabel("Notifications, 1 unread").click();
        page.getByText("Mark all as read").click();
        assertThat(page.locator(".note.unread")).hasCount(0);
        assertThat(unread).isHidden();
        page.context().close();
    }

    @Test
    void whatIsEditedIsShownAtOnce() {
        String id = publish("editor", "edited", "before", 1);
        Page page = signedIn("editor");
        go(page, "/models/" + id);
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Edit"))
                .click();
        page.getByLabel("Name", new Page.GetByLabelOptions().setExact(true)).fill("after");
        page.getByLabel("Description").fill("What it is for");
        page.getByText("Save changes").click();
        assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("after")))
                .isVisible();
        assertThat(page.getByText("What it is for")).isVisible();
        page.context().close();
    }

    @Test
    void skeletonsHoldThePlaceOfWhatIsOnItsWay() {
        publish("waiter", "awaited", "awaited", 1);
        Page page = signedIn("waiter");
        List<Route> held = new ArrayList<>();
        page.route(Pattern.compile(".*/api/models\\?.*"), held::add);
        page.navigate(server.uri("/models").toString());
        assertThat(page.locator(".card.skeleton")).hasCount(6);
        assertThat(page.locator("#models")).hasAttribute("aria-busy", "true");
        page.waitForCondition(() -> !held.isEmpty());
        held.forEach(Route::resume);
        assertThat(page.getByTestId("model-card")).hasCount(1);
        assertThat(page.locator(".skeleton")).hasCount(0);
        page.context().close();
    }
}
