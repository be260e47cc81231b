package dev.sluice.server;

import dev.sluice.archive.ExternalTool;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A headless Chromium with a profile of its own, through the WebDriver protocol (https://www.w3.org/TR/webdriver2/) of its
 * chromedriver. Blocking.
 */
final class Browser implements AutoCloseable {
    private static final List<String> FLAGS = List.of(
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--disable-breakpad",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--no-proxy-server");
    private static final Pattern PORT = Pattern.compile("started successfully on port (\\d+)");

    static final Duration PATIENCE = Duration.ofSeconds(60);
    /** The item of chrome://downloads with this name, if a press of its button would resume it. */
    private static final String INTERRUPTED = "[...document.querySelector('downloads-manager')?.shadowRoot"
            + "?.querySelectorAll('downloads-item') ?? []].find(item => item.data?.fileName === name && item.data.resume)";

    private static final String PORT_TAKEN = "port not available";
    private static final int STARTS = 20;

    private final Path downloads;
    private final Process driver;
    private final HttpClient client = HttpClient.newHttpClient();
    private final URI session;

    /** Everything that it writes goes under the directory. */
    Browser(Path directory) throws IOException, InterruptedException {
        downloads = Files.createDirectory(directory.resolve("downloads"));
        Listening listening = listening(directory);
        driver = listening.driver();
        try {
            URI sessions = URI.create("http://127.0.0.1:" + listening.port() + "/session");
            String id = call("POST", sessions, capabilities(directory.resolve("profile")))
                    .getJsonObject("value")
                    .getString("sessionId");
            session = URI.create(sessions + "/" + id);
        } catch (IOException | RuntimeException | AssertionError failure) {
            end();
            throw failure;
        }
    }

    static void requirePresent() {
        new ExternalTool("chromedriver").requirePresent();
        new ExternalTool("chromium").requirePresent();
    }

    private record Listening(Process driver, String port) {}

    /**
     * A driver takes a free port of IPv6 and ends if the same port of IPv4 is taken, as it may be by any connection of this
     * machine. Then another is started.
     */
    private static Listening listening(Path directory) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("chromedriver", "--port=0")
                .redirectError(directory.resolve("chromedriver.log").toFile());
        builder.environment().put("HOME", directory.toString());
        builder.environment().put("TMPDIR", directory.toString());
        for (int start = 1; ; start++) {
            Process driver = builder.start();
            List<String> output = new ArrayList<>();
            Optional<String> port = port(driver.inputReader(), output);
            if (port.isPresent()) {
                return new Listening(driver, port.get());
            }
            int status = driver.waitFor();
            boolean taken = output.stream().anyMatch(line -> line.contains(PORT_TAKEN));
            if (!taken || start == STARTS) {
                throw new AssertionError("chromedriver ended with " + status + " before it listened: " + output);
            }
        }
    }

    private static Optional<String> port(BufferedReader driver, List<String> output) throws IOException {
        for (String line = driver.readLine(); line != null; line = driver.readLine()) {
            output.add(line);
            Matcher matcher = PORT.matcher(line);
            if (matcher.find()) {
                return Optional.of(matcher.group(1));
            }
        }
        return Optional.empty();
    }

    private JsonObject capabilities(Path profile) {
        JsonArray flags = new JsonArray(new ArrayList<>(FLAGS)).add("--user-data-dir=" + profile);
        JsonObject options = new JsonObject()
                .put("args", flags)
                .put("prefs", new JsonObject().put("download.default_directory", downloads.toString()));
        return new JsonObject()
                .put(
                        "capabilities",
                        new JsonObject()
                                .put(
                                        "alwaysMatch",
                                        new JsonObject()
                                                .put("browserName", "chrome")
                                                .put("goog:chromeOptions", options)));
    }

    /** As if typed into the address bar. */
    void open(URI uri) throws IOException, InterruptedException {
        call("POST", at("/url"), new JsonObject().put("url", uri.toString()));
    }

    /** Where finished downloads are under their names, and others with .crdownload after it. */
    Path downloads() {
        return downloads;
    }

    /** Waits until the browser has given a download up and offers to resume it. */
    void awaitInterrupted(String name) throws IOException, InterruptedException {
        JsonObject tab = call("POST", at("/window/new"), new JsonObject().put("type", "tab"));
        JsonObject handle =
                new JsonObject().put("handle", tab.getJsonObject("value").getString("handle"));
        call("POST", at("/window"), handle);
        open(URI.create("chrome://downloads/"));
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!isTrue("return !!(" + INTERRUPTED + ")", name)) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError(name + " is not interrupted");
            }
            Thread.sleep(50);
        }
    }

    /** As if a user pressed Resume, once it is interrupted. */
    void resume(String name) throws IOException, InterruptedException {
        awaitInterrupted(name);
        isTrue(INTERRUPTED + ".shadowRoot.querySelector('#pause-or-resume').click(); return true", name);
    }

    private boolean isTrue(String script, String argument) throws IOException, InterruptedException {
        JsonObject body = new JsonObject()
                .put("script", "const name = arguments[0]; " + script)
                .put("args", new JsonArray().add(argument));
        return call("POST", at("/execute/sync"), body).getBoolean("value");
    }

    private URI at(String command) {
        return URI.create(session + command);
    }

    private JsonObject call(String method, URI uri, JsonObject body) throws IOException, InterruptedException {
        HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(uri)
                        .method(method, HttpRequest.BodyPublishers.ofString(body.encode()))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new AssertionError(method + " " + uri + ": " + response.body());
        }
        return new JsonObject(response.body());
    }

    @Override
    public void close() throws IOException, InterruptedException {
        try {
            call("DELETE", session, new JsonObject());
        } finally {
            end();
        }
    }

    /** Returns when no process is left that could still write into the directory. */
    private void end() throws InterruptedException {
        List<ProcessHandle> browsers = driver.descendants().toList();
        driver.destroy();
        if (!driver.waitFor(10, TimeUnit.SECONDS)) {
            driver.destroyForcibly().waitFor();
        }
        browsers.forEach(ProcessHandle::destroyForcibly);
        browsers.forEach(browser -> browser.onExit().join());
    }
}
