package dev.sluice.ui;

import static java.util.Objects.requireNonNull;

import dev.sluice.access.InvalidToken;
import dev.sluice.access.Scope;
import dev.sluice.access.Session;
import dev.sluice.access.Subject;
import dev.sluice.access.TokenVerifier;
import dev.sluice.http.Problem;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The pages and the session. Whoever has no session gets the sign-in form under the page's own address. Event loop; each future
 * completes when the answer is written, or fails with nothing written.
 */
public final class Pages {
    /** Path parameters. */
    public static final String RELEASE = "release";

    public static final String NAME = "name";

    /**
     * CSP level 3. Nothing inline and nothing from elsewhere; and no text becomes markup or script by accident, for Trusted Types are
     * required and no policy makes any.
     */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            + " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none';"
            + " require-trusted-types-for 'script'; trusted-types 'none'";

    private final TokenVerifier tokens;
    private final Assets assets = Assets.load();
    private final Map<Page, Template> shells = new EnumMap<>(Page.class);
    private final Template signIn;

    public Pages(TokenVerifier tokens) {
        this.tokens = tokens;
        Template frame = Template.resource("pages/frame.html");
        for (Page page : Page.values()) {
            shells.put(
                    page,
                    part(frame, page.module()).with("main", Template.resource("pages/" + page.module() + ".html")));
        }
        this.signIn = Template.resource("pages/sign-in.html");
    }

    private Template part(Template whole, String module) {
        String links = Arrays.stream((module + ".js " + Assets.MODULES).split(" "))
                .map(name -> "<link rel=\"modulepreload\" href=\"" + assets.folder() + "/" + name + "\">")
                .collect(Collectors.joining("\n"));
        return whole.with("preload", new Template(links)).with("module", new Template(module));
    }

    /** {@code GET /}. */
    public Future<Void> home(RoutingContext ctx) {
        return see(ctx, Page.MODELS.route());
    }

    /** {@code GET} of a page. */
    public Future<Void> show(RoutingContext ctx, Page page) {
        return Session.of(ctx.request())
                .map(session -> tokens.verify(session.token())
                        .compose(subject -> shell(ctx, page, session, subject))
                        .recover(failure -> failure instanceof InvalidToken
                                ? signIn(ctx, 200, ctx.request().uri(), "")
                                : Future.failedFuture(failure)))
                .orElseGet(() -> signIn(ctx, 200, ctx.request().uri(), ""));
    }

    /** {@code GET /assets/{release}/{name}}. */
    public Future<Void> asset(RoutingContext ctx) {
        return assets.send(ctx, ctx.pathParam(RELEASE), ctx.pathParam(NAME));
    }

    public Future<Void> icon(RoutingContext ctx) {
        return assets.icon(ctx);
    }

    private Future<Void> shell(RoutingContext ctx, Page page, Session session, Subject subject) {
        return html(
                ctx,
                200,
                requireNonNull(shells.get(page))
                        .fill(Map.of(
                                "title", page.title(),
                                "assets", assets.folder(),
                                "csrf", session.csrfToken(),
                                "owner", subject.owner(),
                                "scopes",
                                        subject.scopes().stream()
                                                .map(Scope::value)
                                                .collect(Collectors.joining(" ")))));
    }

    /**
     * The form.
     *
     * @param next where to go from there
     * @param error what was wrong with the token before, or empty
     */
    Future<Void> signIn(RoutingContext ctx, int status, String next, String error) {
        if (status == 401) {
            ctx.response().headers().addAll(Problem.unauthorized(error).headers());
        }
        return html(ctx, status, signIn.fill(Map.of("assets", assets.folder(), "next", next, "error", error)));
    }

    private static Future<Void> html(RoutingContext ctx, int status, String html) {
        Buffer body = Buffer.buffer(html);
        return ctx.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/html; charset=utf-8")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .putHeader("Content-Security-Policy", POLICY)
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("X-Frame-Options", "DENY")
                .putHeader("Cross-Origin-Opener-Policy", "same-origin")
                // Not no-referrer, with which browsers tell no origin when they post a form.
                .putHeader("Referrer-Policy", "same-origin")
                .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()))
                .end(body);
    }

    /** RFC 9110 §15.4.4. */
    static Future<Void> see(RoutingContext ctx, String path) {
        return ctx.response()
                .setStatusCode(303)
                .putHeader(HttpHeaders.LOCATION, path)
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .end();
    }
}
