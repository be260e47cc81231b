package dev.sluice.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.CuttingProxy.Cut;
import dev.sluice.server.CuttingProxy.Exchange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Chromium's own download manager on a line that breaks. */
class BrowserResumeTest {
    private static final byte[] WEIGHTS = new byte[3_000_000];
    private static final byte[] OTHER = new byte[2_500_000];

    private static TestServer server;
    private static Browser browser;

    @TempDir
    static Path directory;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        Browser.requirePresent();
        new Random(3).nextBytes(WEIGHTS);
        new Random(4).nextBytes(OTHER);
        server = TestServer.start();
        browser = new Browser(directory);
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        if (browser != null) {
            browser.close();
        }
        if (server != null) {
            server.close();
        }
    }

    private static void completed(String job) {
        byte[] vocabulary = "token after token\n".repeat(100_000).getBytes(UTF_8);
        server.completed(
                "alice",
                job,
                Map.of("model/a.bin", WEIGHTS, "model/vocabulary.txt", vocabulary, "model/weights.bin", WEIGHTS));
    }

    @Test
    void aZipWhoseConnectionIsClosedTwiceIsContinuedWithNobodyWhoClicks() throws Exception {
        completed("closed");
        String pinned = model("closed") + "?v=" + tag("closed").replace("\"", "");
        try (CuttingProxy proxy = new CuttingProxy(
                server, server.token("alice"), Cut.closedAfter(1_000_000), Cut.closedAfter(2_002_000))) {
            browser.open(proxy.uri(pinned));
            assertThat(saved("model_closed.zip", proxy)).isEqualTo(zip("closed"));
            assertThat(proxy.exchanges()).as(proxy.exchanges()::toString).hasSize(3);
            assertThat(proxy.exchanges().get(0).status()).isEqualTo(200);
            assertContinued(proxy.exchanges().get(1), "closed", 1_000_000);
            assertContinued(proxy.exchanges().get(2), "closed", 3_002_000);
        }
    }

    /** Chromium leaves it to the user to go on after a reset. */
    @Test
    void aZipWhoseConnectionIsResetIsContinuedWhenTheUserResumesIt() throws Exception {
        completed("reset");
        try (CuttingProxy proxy =
                new CuttingProxy(server, server.token("alice"), Cut.closedAfter(1_000_000), Cut.resetAfter(500_000))) {
            browser.open(proxy.uri(model("reset")));
            proxy.awaitExchanges(2);
            browser.resume("model_reset.zip");
            assertThat(saved("model_reset.zip", proxy)).isEqualTo(zip("reset"));
            assertThat(proxy.exchanges()).as(proxy.exchanges()::toString).hasSize(3);
            assertContinued(proxy.exchanges().get(1), "reset", 1_000_000);
            Exchange last = proxy.exchanges().get(2);
            assertContinued(last, "reset", Long.parseLong(last.asked("range").replaceAll("\\D", "")));
        }
    }

    @Test
    void aZipThatChangesWhileTheLineIsCutIsTakenAgainFromItsBeginning() throws Exception {
        completed("changed");
        byte[] before = zip("changed");
        Cut cut = Cut.closedAfter(1_000_000).meanwhile(() -> change("changed"));
        try (CuttingProxy proxy = new CuttingProxy(server, server.token("alice"), cut)) {
            browser.open(proxy.uri(model("changed")));
            assertThat(saved("model_changed.zip", proxy))
                    .isEqualTo(zip("changed"))
                    .isNotEqualTo(before);
            assertThat(proxy.exchanges()).extracting(Exchange::status).containsExactly(200, 200);
            assertThat(proxy.exchanges().get(1).asked()).containsEntry("range", "bytes=1000000-");
        }
    }

    @Test
    void aPinnedZipThatChangesWhileTheLineIsCutIsNeverSavedAsAWhole() throws Exception {
        completed("pinned");
        String pinned = model("pinned") + "?v=" + tag("pinned").replace("\"", "");
        Cut cut = Cut.closedAfter(1_000_000).meanwhile(() -> change("pinned"));
        try (CuttingProxy proxy = new CuttingProxy(server, server.token("alice"), cut)) {
            browser.open(proxy.uri(pinned));
            proxy.awaitExchanges(2);
            browser.awaitInterrupted("model_pinned.zip");
            assertThat(proxy.exchanges()).extracting(Exchange::status).containsExactly(200, 412);
            assertThat(browser.downloads().resolve("model_pinned.zip")).doesNotExist();
            assertThat(browser.downloads().resolve("model_pinned.zip.crdownload"))
                    .hasSize(1_000_000);
        }
    }

    private static void assertContinued(Exchange exchange, String job, long start) {
        long length = zip(job).length;
        assertThat(exchange.asked("range")).isEqualTo("bytes=" + start + "-");
        assertThat(exchange.asked("if-range")).isEqualTo(tag(job));
        assertThat(exchange.status()).isEqualTo(206);
        assertThat(exchange.answered("content-range")).isEqualTo("bytes " + start + "-" + (length - 1) + "/" + length);
        assertThat(start).isBetween(1_000_000L, length - 1);
    }

    private static void change(String job) {
        server.put(server.trainer(), "/api/training/" + job + "/files/model/weights.bin", OTHER);
    }

    private static byte[] zip(String job) {
        return server.get(server.token("alice"), model(job)).body();
    }

    private static String tag(String job) {
        return Responses.field(server.head(server.token("alice"), model(job)), "ETag");
    }

    private static String model(String job) {
        return "/api/training/" + job + "/download/model";
    }

    /** The browser gives a file its name when it is complete. */
    private static byte[] saved(String name, CuttingProxy proxy) throws IOException, InterruptedException {
        Path file = browser.downloads().resolve(name);
        Instant deadline = Instant.now().plus(Browser.PATIENCE);
        while (!Files.exists(file)) {
            assertThat(Instant.now())
                    .as(() -> name + " is not complete after " + proxy.exchanges())
                    .isBefore(deadline);
            Thread.sleep(20);
        }
        return Files.readAllBytes(file);
    }
}
