package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.archive.ExternalTool;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What proxies say of a client counts when they are configured, and when they are not it is anybody's talk. */
class ForwardedTest {
    private static final String FILE = "/api/training/run-1/files/model/a.bin";

    private static TestServer trusting;
    private static TestServer alone;

    @TempDir
    private Path dir;

    @BeforeAll
    static void start() {
        trusting = TestServer.builder()
                .with("http.trusted-proxies", "127.0.0.1, 10.0.0.0/8, fd00::/8")
                .start();
        alone = TestServer.start();
        for (TestServer server : new TestServer[] {trusting, alone}) {
            server.completed("alice", "run-1", Map.of("model/a.bin", new byte[100]));
        }
    }

    @AfterAll
    static void stop() {
        trusting.close();
        alone.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "203.0.113.9 | 203.0.113.9",
                "6.6.6.6, 203.0.113.9 | 203.0.113.9",
                "6.6.6.6, 203.0.113.9, 10.1.1.1 | 203.0.113.9",
                "203.0.113.9:4711 | 203.0.113.9",
                "[2001:db8::1]:4711, fd00::1 | 2001:db8:0:0:0:0:0:1",
                "6.6.6.6, unknown, 10.1.1.1 | 10.1.1.1",
                "6.6.6.6, evil.example, 203.0.113.9 | 203.0.113.9",
                "evil.example | 127.0.0.1",
                "'' | 127.0.0.1",
                "10.2.2.2, 10.1.1.1 | 10.2.2.2"
            })
    void theClientIsTheLastWhoIsNoProxyOfOurs(String forwarded, String client) {
        assertThat(address(trusting, "X-Forwarded-For", forwarded)).isEqualTo(client);
    }

    @Test
    void withoutProxiesTheClientIsWhoConnects() {
        assertThat(address(alone, "X-Forwarded-For", "203.0.113.9")).isEqualTo("127.0.0.1");
        assertThat(address(trusting)).isEqualTo("127.0.0.1");
    }

    /** As the audit has it. */
    private static String address(TestServer server, String... fields) {
        HttpResponse<byte[]> download = server.get(server.token("alice"), FILE, fields);
        assertThat(download.statusCode()).isEqualTo(200);
        return audited(server, download.headers().firstValue("X-Request-Id").orElseThrow());
    }

    private static String audited(TestServer server, String request) {
        JsonArray entries = new JsonObject(Buffer.buffer(server.get(server.token("alice"), "/api/audit?limit=100")
                        .body()))
                .getJsonArray("entries");
        return entries.stream()
                .map(JsonObject.class::cast)
                .filter(entry -> request.equals(entry.getString("request_id")))
                .map(entry -> entry.getJsonObject("details").getString("address"))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"https, true", "HTTPS, true", "'https, http', true", "http, false", "'', false"})
    void whereTheProxyEndsTlsTheCookieNeverGoesInTheClear(String scheme, boolean secure) {
        assertThat(cookie(trusting, scheme).contains("; Secure")).isEqualTo(secure);
        assertThat(cookie(alone, scheme)).doesNotContain("Secure");
    }

    private static String cookie(TestServer server, String scheme) {
        HttpResponse<byte[]> response = server.send(HttpRequest.newBuilder(server.uri("/session"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("X-Forwarded-Proto", scheme)
                .POST(HttpRequest.BodyPublishers.ofString(
                        "token=" + URLEncoder.encode(server.token("alice"), StandardCharsets.UTF_8))));
        return response.headers().firstValue("Set-Cookie").orElseThrow();
    }

    @Test
    void linksAreMadeAsTheClientReachesTheServer() throws Exception {
        String[] forwarded = {"X-Forwarded-Proto", "https", "X-Forwarded-Host", "models.example.com"};
        assertThat(metalink(trusting, forwarded)).contains(">https://models.example.com/dl/");
        assertThat(metalink(alone, forwarded))
                .contains(">http://127.0.0.1:" + alone.port() + "/dl/")
                .doesNotContain("models.example.com");
        assertThat(metalink(trusting, "X-Forwarded-Host", "evil.example/\"><x>"))
                .contains(">http://127.0.0.1:" + trusting.port() + "/dl/");
    }

    private static String metalink(TestServer server, String... fields) throws InterruptedException {
        String id = new Models(server).published("alice", "run-1").getString("id");
        return new String(
                server.get(server.token("alice"), "/api/models/" + id + "/model.meta4", fields)
                        .body(),
                StandardCharsets.UTF_8);
    }

    @Test
    void whatAClientMadeUpIsNotBelievedThroughNginxEither() throws Exception {
        String location = "proxy_pass http://127.0.0.1:" + trusting.port()
                + "; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;";
        try (Nginx nginx = Nginx.start(dir, "", Map.of("proxy", location))) {
            new ExternalTool("curl")
                    .run(
                            dir,
                            "-fsS",
                            "--interface",
                            "127.0.0.2",
                            "-H",
                            "X-Forwarded-For: 6.6.6.6",
                            "-H",
                            "Authorization: Bearer " + trusting.token("alice"),
                            "-D",
                            dir.resolve("head"),
                            "-o",
                            dir.resolve("body"),
                            nginx.uri("proxy", FILE))
                    .succeeded();
        }
        String request = java.nio.file.Files.readAllLines(dir.resolve("head")).stream()
                .filter(line -> line.toLowerCase(java.util.Locale.ROOT).startsWith("x-request-id:"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElseThrow();
        assertThat(audited(trusting, request)).isEqualTo("127.0.0.2");
    }
}
