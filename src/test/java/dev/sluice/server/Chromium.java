package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import dev.sluice.archive.ExternalTool;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The machine's Chromium by Playwright, for pages; of one thread. Holds what consoles complain about. */
final class Chromium implements AutoCloseable {
    private static final List<String> FLAGS = List.of(
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-proxy-server");
    private static final double PATIENCE_MILLIS = 60_000;

    private final Playwright playwright;
    private final Browser browser;
    private final List<String> complaints = new ArrayList<>();

    Chromium() {
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(executable())
                        .setTimeout(2 * PATIENCE_MILLIS)
                        .setArgs(FLAGS));
    }

    static void requirePresent() {
        new ExternalTool("chromium").requirePresent();
    }

    private static Path executable() {
        return List.of(System.getenv("PATH").split(":")).stream()
                .map(folder -> Path.of(folder, "chromium"))
                .filter(path -> path.toFile().canExecute())
                .findFirst()
                .orElseThrow();
    }

    enum Look {
        LIGHT,
        DARK,
        PHONE
    }

    /** A tab of a browser that knows nobody. */
    Page open(Look look) {
        BrowserContext context = browser.newContext(new Browser.NewContextOptions()
                .setColorScheme(look == Look.DARK ? ColorScheme.DARK : ColorScheme.LIGHT)
                .setViewportSize(look == Look.PHONE ? 390 : 1280, look == Look.PHONE ? 844 : 900));
        context.setDefaultTimeout(PATIENCE_MILLIS);
        Page page = context.newPage();
        page.onConsoleMessage(message -> {
            if (message.type().equals("error") || message.type().equals("warning")) {
                complaints.add(page.url() + ": " + message.text());
            }
        });
        page.onPageError(error -> complaints.add(page.url() + ": " + error));
        page.onDialog(dialog -> {
            complaints.add(page.url() + ": a dialog says " + dialog.message());
            dialog.dismiss();
        });
        return page;
    }

    Page signedIn(Look look, URI server, String token) {
        Page page = open(look);
        page.navigate(server.resolve("/models").toString());
        page.getByLabel("Access token").fill(token);
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Sign in"))
                .click();
        page.getByRole(AriaRole.NAVIGATION).first().waitFor();
        // The frame is there before its script, which listens to clicks and asks for notifications.
        page.waitForLoadState();
        PlaywrightAssertions.assertThat(page.locator("#unread")).hasText(Pattern.compile("\\d"));
        settle(page);
        return page;
    }

    /** Nothing of the page is being loaded any more. */
    static void settle(Page page) {
        // Not waitForFunction, which needs the eval that the pages' policy forbids.
        PlaywrightAssertions.assertThat(page.locator("[aria-busy=true]"))
                .hasCount(0, new LocatorAssertions.HasCountOptions().setTimeout(PATIENCE_MILLIS));
    }

    /** On pages that are opened from now on what is told for some seconds stays: a test may come late to read it. */
    static void stopClock(Page page) {
        page.clock().install();
        // Where it stands already cannot be in the past, however late this comes.
        page.clock().pauseAt(System.currentTimeMillis() + Duration.ofDays(1).toMillis());
    }

    void assertNoComplaints() {
        List<String> told = List.copyOf(complaints);
        complaints.clear();
        assertThat(told).isEmpty();
    }

    void forgetComplaints() {
        complaints.clear();
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }
}
