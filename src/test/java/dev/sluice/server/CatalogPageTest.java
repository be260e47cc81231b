package dev.sluice.server;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import dev.sluice.access.Scope;
import dev.sluice.ingest.ScriptedUpstream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogPageTest {
    private static final byte[] CONTENT = new byte[200_000];

    @TempDir
    Path directory;

    private final CountDownLatch release = new CountDownLatch(1);

    @Test
    void aModelComesFromElsewhereBeforeOnesEyes() throws Exception {
        Chromium.requirePresent();
        new Random(1).nextBytes(CONTENT);
        String sha256 =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(CONTENT));
        try (ScriptedUpstream upstream = new ScriptedUpstream((request, reply) -> {
                    reply.head(200, "ETag", "\"v1\"", "Content-Length", "200000")
                            .body(CONTENT, 0, 50_000);
                    release.await();
                    reply.body(CONTENT, 50_000, CONTENT.length);
                });
                TestServer server = server(upstream, sha256);
                Chromium chromium = new Chromium()) {
            Page page = chromium.signedIn(Chromium.Look.LIGHT, server.uri("/"), server.token("root", Scope.ADMIN));
            Chromium.stopClock(page);
            // As it is answered a moment before somebody takes the download up.
            page.route("**/api/catalog", route -> {
                APIResponse answer = route.fetch();
                route.fulfill(new Route.FulfillOptions()
                        .setResponse(answer)
                        .setBody(answer.text().replace("\"downloading\"", "\"queued\"     ")));
            });
            page.navigate(server.uri("/catalog").toString());
            page.getByText("Fetch", new Page.GetByTextOptions().setExact(true)).click();
            Locator bar = page.getByRole(AriaRole.PROGRESSBAR);
            assertThat(bar).hasAttribute("aria-valuenow", "25");
            assertThat(page.getByTestId("state")).hasText("downloading");
            release.countDown();
            assertThat(page.getByTestId("state")).hasText("completed");
            assertThat(bar).hasCount(0);
            page.getByText("Verify").click();
            assertThat(page.locator(".toast")).containsText("as promised");
            // The buttons are others when the list has been asked for again.
            Chromium.settle(page);
            Download download = page.waitForDownload(() -> page.getByRole(
                            AriaRole.BUTTON,
                            new Page.GetByRoleOptions().setName("Download").setExact(true))
                    .click());
            assertThat(Files.readAllBytes(download.path())).isEqualTo(CONTENT);
            page.getByText("Delete").click();
            page.getByRole(AriaRole.DIALOG)
                    .getByText("Delete", new Locator.GetByTextOptions().setExact(true))
                    .click();
            assertThat(page.getByTestId("state")).hasText("available");
            Page reader = chromium.signedIn(Chromium.Look.LIGHT, server.uri("/"), server.token("reader"));
            reader.navigate(server.uri("/catalog").toString());
            assertThat(reader.getByText("Fetch", new Page.GetByTextOptions().setExact(true)))
                    .isDisabled();
            chromium.assertNoComplaints();
        } finally {
            release.countDown();
        }
    }

    @Test
    void aDownloadThatIsCancelledCanBeginAgain() throws Exception {
        Chromium.requirePresent();
        new Random(2).nextBytes(CONTENT);
        try (ScriptedUpstream upstream = new ScriptedUpstream((request, reply) -> {
                    reply.head(200, "ETag", "\"v1\"", "Content-Length", "200000")
                            .body(CONTENT, 0, 50_000);
                    release.await();
                });
                TestServer server = server(upstream, "ab".repeat(32));
                Chromium chromium = new Chromium()) {
            Page page = chromium.signedIn(Chromium.Look.LIGHT, server.uri("/"), server.token("root", Scope.ADMIN));
            page.navigate(server.uri("/catalog").toString());
            page.getByText("Fetch", new Page.GetByTextOptions().setExact(true)).click();
            assertThat(page.getByRole(AriaRole.PROGRESSBAR)).hasAttribute("aria-valuenow", "25");
            page.getByText("Cancel").click();
            assertThat(page.getByTestId("state")).hasText("cancelled");
            assertThat(page.getByRole(AriaRole.PROGRESSBAR)).hasCount(0);
            release.countDown();
            // A whole body this time, but not the one that the catalog promised.
            upstream.script((request, reply) -> reply.head(200, "ETag", "\"v2\"", "Content-Length", "200000")
                    .body(CONTENT, 0, CONTENT.length));
            page.getByText("Fetch again").click();
            assertThat(page.getByTestId("state")).hasText("failed");
            assertThat(page.locator(".error")).containsText("SHA-256");
            chromium.assertNoComplaints();
        } finally {
            release.countDown();
        }
    }

    private TestServer server(ScriptedUpstream upstream, String sha256) throws Exception {
        Path file = Files.writeString(
                directory.resolve("catalog.yaml"),
                "models:\n  - {id: it, name: The model, file_name: it.gguf, url: \"" + upstream.url("/it")
                        + "\", size: 200kB, sha256: " + sha256 + "}\n");
        return TestServer.builder()
                .with("catalog.file", file.toString())
                .with("ingest.allowed-hosts", "127.0.0.1:" + upstream.port())
                .start();
    }
}
