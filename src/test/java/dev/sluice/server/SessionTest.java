package dev.sluice.server;

import static dev.sluice.server.Responses.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.access.Scope;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions of browsers, and the frames of pages, without a browser. */
class SessionTest {
    private static final Pattern CSRF = Pattern.compile("<meta name=\"csrf-token\" content=\"([^\"]+)\">");
    private static final Pattern ASSET = Pattern.compile("src=\"(/assets/[^\"]+)\"");

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static HttpRequest.Builder form(String fields) {
        return HttpRequest.newBuilder(server.uri("/session"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(fields));
    }

    private static HttpResponse<byte[]> signIn(String token, String... headers) {
        HttpRequest.Builder request = form("token=" + URLEncoder.encode(token, StandardCharsets.UTF_8));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return server.send(request);
    }

    private static String cookie(HttpResponse<byte[]> response) {
        return response.headers().firstValue("Set-Cookie").orElseThrow();
    }

    /** As the browser sends it back. */
    private static String session(String token) {
        return cookie(signIn(token)).split(";", 2)[0];
    }

    private static HttpRequest.Builder by(String session, String path) {
        return HttpRequest.newBuilder(server.uri(path)).header("Cookie", session);
    }

    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    private static String page(String session) {
        HttpResponse<byte[]> response = server.send(by(session, "/models"));
        assertThat(response.statusCode()).isEqualTo(200);
        return text(response);
    }

    private static String csrf(String session) {
        Matcher found = CSRF.matcher(page(session));
        assertThat(found.find()).isTrue();
        return found.group(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/models", "/models/x", "/models/compare?ids=a", "/jobs", "/jobs/x", "/catalog", "/downloads"})
    void aPageWithoutASessionIsTheFormUnderItsOwnAddress(String path) {
        HttpResponse<byte[]> response = server.send(HttpRequest.newBuilder(server.uri(path)));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(text(response))
                .contains("action=\"/session\"")
                .contains("name=\"token\"")
                .contains("name=\"next\" value=\"" + path + "\"");
    }

    @Test
    void theRootLeadsToTheModels() {
        HttpResponse<byte[]> response = server.send(HttpRequest.newBuilder(server.uri("/")));
        assertThat(response.statusCode()).isEqualTo(303);
        assertThat(response.headers().firstValue("Location")).hasValue("/models");
    }

    @Test
    void aTokenBecomesACookieThatNoScriptReadsAndNoOtherSiteSends() {
        HttpResponse<byte[]> response = signIn(server.token("alice"));
        assertThat(response.statusCode()).isEqualTo(303);
        assertThat(response.headers().firstValue("Location")).hasValue("/models");
        assertThat(cookie(response))
                .startsWith("sluice_session=")
                .contains("; HttpOnly")
                .contains("; SameSite=Strict")
                .contains("; Path=/")
                .containsPattern("Max-Age=(3600|35[0-9][0-9])")
                .doesNotContain("Secure");
    }

    @Test
    void theTokenMayAlsoComeAsJsonOrInTheHeaderOfOtherRequests() {
        String token = server.token("alice");
        HttpResponse<byte[]> json = server.send(HttpRequest.newBuilder(server.uri("/session"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"token\":\"" + token + "\"}")));
        assertThat(json.statusCode()).isEqualTo(303);
        assertThat(page(cookie(json).split(";", 2)[0])).contains("alice");
        HttpResponse<byte[]> header = server.send(HttpRequest.newBuilder(server.uri("/session"))
                .header("Authorization", "Bearer " + token)
                .POST(BodyPublishers.noBody()));
        assertThat(header.statusCode()).isEqualTo(303);
        assertThat(page(cookie(header).split(";", 2)[0])).contains("alice");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "[]", "{}", "{\"token\":1}", "{\"token\":\"a.b.c\"}"})
    void jsonWithoutAGoodTokenIsRefused(String body) {
        HttpResponse<byte[]> response = server.send(HttpRequest.newBuilder(server.uri("/session"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)));
        assertThat(response.statusCode()).isEqualTo(401);
        assertThat(response.headers().firstValue("Set-Cookie")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nonsense", "a.b.c", "<script>alert(1)</script>"})
    void whatIsNoTokenGetsTheFormAgainAndNoCookie(String token) {
        HttpResponse<byte[]> response = signIn(token);
        assertThat(response.statusCode()).isEqualTo(401);
        assertThat(text(response)).contains("This token is not valid").doesNotContain("<script>alert");
        assertThat(response.headers().firstValue("WWW-Authenticate")).hasValue("Bearer error=\"invalid_token\"");
        assertThat(response.headers().firstValue("Set-Cookie")).isEmpty();
    }

    @Test
    void anExpiredCookieIsNoSession() {
        String session = "sluice_session=" + server.expiredToken("alice");
        assertThat(text(server.send(by(session, "/jobs")))).contains("action=\"/session\"");
        assertProblem(server.send(by(session, "/api/models")), 401, "A valid bearer token is required");
    }

    @Test
    void aTokenThatNoBrowserKeepsIsRefusedInWords() {
        HttpResponse<byte[]> response = signIn("a".repeat(5000));
        assertThat(response.statusCode()).isEqualTo(401);
        assertThat(text(response)).contains("too long");
    }

    @Test
    void afterwardsOneIsWhereOneWantedToGo() {
        HttpResponse<byte[]> response =
                server.send(form("next=%2Fmodels%2Fcompare%3Fids%3Da%2Cb&token=" + server.token("alice")));
        assertThat(response.headers().firstValue("Location")).hasValue("/models/compare?ids=a,b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "//evil.example",
                "https://evil.example/models",
                "/models//\\evil\r\nSet-Cookie: a=b",
                "/modelsevil",
                "/\\evil.example",
                "/api/models"
            })
    void nobodyIsSentElsewhere(String next) {
        HttpResponse<byte[]> response = server.send(
                form("next=" + URLEncoder.encode(next, StandardCharsets.UTF_8) + "&token=" + server.token("alice")));
        assertThat(response.statusCode()).isEqualTo(303);
        assertThat(response.headers().firstValue("Location")).hasValue("/models");
    }

    @Test
    void anotherSiteCannotSignItsVisitorsIn() {
        assertThat(signIn(server.token("mallory"), "Sec-Fetch-Site", "cross-site")
                        .statusCode())
                .isEqualTo(403);
        assertThat(signIn(server.token("mallory"), "Origin", "https://evil.example")
                        .statusCode())
                .isEqualTo(403);
        assertThat(signIn(server.token("mallory"), "Origin", "null").statusCode())
                .isEqualTo(403);
        String own = server.uri("/").resolve("/").toString().replaceAll("/$", "");
        assertThat(signIn(server.token("alice"), "Origin", own).statusCode()).isEqualTo(303);
    }

    @Test
    void readsByCookieNeedNothingElseAndWritesNeedThePagesToken() {
        String session = session(server.token("alice", Scope.INGEST));
        assertThat(server.send(by(session, "/api/models")).statusCode()).isEqualTo(200);
        HttpRequest.Builder write = by(session, "/api/training/jobs")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"name\":\"x\",\"job_id\":\"by-cookie\"}"));
        assertProblem(server.send(write.copy()), 403, "A write by cookie needs the page's token in X-CSRF-Token");
        assertThat(server.send(write.copy().header("X-CSRF-Token", "wrong")).statusCode())
                .isEqualTo(403);
        String others = csrf(session(server.token("bob")));
        assertThat(server.send(write.copy().header("X-CSRF-Token", others)).statusCode())
                .isEqualTo(403);
        assertThat(server.send(write.copy().header("X-CSRF-Token", csrf(session)))
                        .statusCode())
                .isEqualTo(201);
    }

    @Test
    void aHeaderCountsBeforeACookie() {
        String session = session(server.token("alice"));
        HttpResponse<byte[]> response = server.send(by(session, "/api/models").header("Authorization", "Bearer no"));
        assertThat(response.statusCode()).isEqualTo(401);
    }

    @Test
    void twoCookiesAreNone() {
        String session = session(server.token("alice"));
        HttpResponse<byte[]> response = server.send(by(session + "; " + session(server.token("bob")), "/api/models"));
        assertThat(response.statusCode()).isEqualTo(401);
    }

    @Test
    void onlyOurOwnPagesSignOut() {
        String session = session(server.token("alice"));
        assertThat(server.send(by(session, "/session").DELETE()).statusCode()).isEqualTo(403);
        HttpResponse<byte[]> response = server.send(
                by(session, "/session").header("X-CSRF-Token", csrf(session)).DELETE());
        assertThat(response.statusCode()).isEqualTo(204);
        assertThat(cookie(response)).startsWith("sluice_session=;").contains("Max-Age=0");
    }

    @Test
    void namesInAPageAreText() {
        String page = page(session(server.token("<script>alert(1)</script>\"'&")));
        assertThat(page)
                .contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;")
                .doesNotContain("<script>alert");
    }

    @Test
    void aPageHasNothingInlineAndItsPolicyAllowsNone() {
        String session = session(server.token("alice"));
        HttpResponse<byte[]> response = server.send(by(session, "/models"));
        assertThat(response.headers().firstValue("Content-Security-Policy").orElseThrow())
                .contains("default-src 'none'")
                .contains("script-src 'self'")
                .contains("frame-ancestors 'none'")
                .doesNotContain("unsafe");
        assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(text(response))
                .doesNotContainPattern("<script(?![^>]* src=)")
                .doesNotContainPattern("\\s(style|on[a-z]+)=")
                .doesNotContain("<style");
    }

    @Test
    void modulesAreKeptForGoodUnderTheNameOfTheirContent() {
        Matcher found = ASSET.matcher(page(session(server.token("alice"))));
        assertThat(found.find()).isTrue();
        HttpResponse<byte[]> response = server.send(HttpRequest.newBuilder(server.uri(found.group(1))));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("text/javascript; charset=utf-8");
        assertThat(response.headers().firstValue("Cache-Control").orElseThrow()).contains("immutable");
        String others = found.group(1).replaceFirst("/assets/[0-9a-f]+/", "/assets/0000000000000000/");
        assertThat(server.send(HttpRequest.newBuilder(server.uri(others))).statusCode())
                .isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/favicon.ico", "/favicon.svg"})
    void thereIsAnIcon(String path) {
        HttpResponse<byte[]> response = server.send(HttpRequest.newBuilder(server.uri(path)));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("image/svg+xml");
    }
}
