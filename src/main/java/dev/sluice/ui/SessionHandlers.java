package dev.sluice.ui;

import dev.sluice.access.BearerToken;
import dev.sluice.access.Caller;
import dev.sluice.access.InvalidToken;
import dev.sluice.access.Session;
import dev.sluice.access.Subject;
import dev.sluice.access.TokenVerifier;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Begins and ends a browser's session. Event loop. */
public final class SessionHandlers {
    /** One of our pages, in characters that a header may have. */
    private static final Pattern OWN_PAGE = Pattern.compile("/(models|jobs|catalog|downloads)([/?][!-\\[\\]-~]*)?");

    private final TokenVerifier tokens;
    private final Pages pages;
    private final Clock clock;

    public SessionHandlers(TokenVerifier tokens, Pages pages, Clock clock) {
        this.tokens = tokens;
        this.pages = pages;
        this.clock = clock;
    }

    /** {@code POST /session} with the token: 303 to a page, with the cookie; 401 with the form again. */
    public Future<Void> begin(RoutingContext ctx) {
        HttpServerRequest request = ctx.request();
        if (isForeign(request, Caller.of(ctx))) {
            return Future.failedFuture(
                    new ProblemException(Problem.forbidden("Another site may not sign its visitors in")));
        }
        String next = Optional.ofNullable(request.getFormAttribute("next"))
                .filter(page -> OWN_PAGE.matcher(page).matches())
                .orElse(Page.MODELS.route());
        String token = token(ctx).strip();
        if (token.length() > Session.MAX_LENGTH) {
            return pages.signIn(ctx, 401, next, "This token is too long for a browser to keep.");
        }
        return tokens.verify(token)
                .compose(subject -> {
                    ctx.response().putHeader(HttpHeaders.SET_COOKIE, cookie(ctx, token, age(subject)));
                    return Pages.see(ctx, next);
                })
                .recover(failure -> failure instanceof InvalidToken
                        ? pages.signIn(ctx, 401, next, "This token is not valid, or no longer.")
                        : Future.failedFuture(failure));
    }

    /** As the form has it, or a JSON object, or else as all other requests have theirs. */
    private static String token(RoutingContext ctx) {
        return Optional.ofNullable(ctx.request().getFormAttribute("token"))
                .or(() -> member(ctx))
                .or(() -> BearerToken.from(ctx.request().headers().getAll(HttpHeaders.AUTHORIZATION)))
                .orElse("");
    }

    private static Optional<String> member(RoutingContext ctx) {
        @Nullable Buffer body = ctx.body().buffer();
        @Nullable String type = ctx.request().getHeader(HttpHeaders.CONTENT_TYPE);
        if (body == null || type == null || !type.startsWith("application/json")) {
            return Optional.empty();
        }
        try {
            return new JsonObject(body).getValue("token") instanceof String token
                    ? Optional.of(token)
                    : Optional.empty();
        } catch (DecodeException malformed) {
            return Optional.empty();
        }
    }

    /** {@code DELETE /session}: 204. Needs the page's token, as every write by cookie. */
    public Future<Void> end(RoutingContext ctx) {
        Optional<Session> session = Session.of(ctx.request());
        if (session.isPresent() && !session.get().allows(ctx.request())) {
            return Future.failedFuture(new ProblemException(Problem.forbidden("Only our own pages may sign out")));
        }
        ctx.response().putHeader(HttpHeaders.SET_COOKIE, cookie(ctx, "", 0));
        return ctx.response().setStatusCode(204).end();
    }

    /** The cookie ends with its token. */
    private long age(Subject subject) {
        return Math.max(
                1, Duration.between(clock.instant(), subject.expiresAt()).toSeconds());
    }

    private static String cookie(RoutingContext ctx, String token, long seconds) {
        return Session.COOKIE + "=" + token + "; Path=/; Max-Age=" + seconds + "; HttpOnly; SameSite=Strict"
                + (Caller.of(ctx).secure() ? "; Secure" : "");
    }

    /** Fetch metadata, which browsers send over TLS and to localhost; else the origin, which they send with every form. */
    private static boolean isForeign(HttpServerRequest request, Caller caller) {
        @Nullable String site = request.getHeader("Sec-Fetch-Site");
        if (site != null) {
            return !site.equals("same-origin") && !site.equals("none");
        }
        @Nullable String origin = request.getHeader(HttpHeaders.ORIGIN);
        if (origin == null) {
            return false;
        }
        try {
            @Nullable String authority = URI.create(origin).getRawAuthority();
            return authority == null || !authority.equals(caller.authority());
        } catch (IllegalArgumentException malformed) {
            return true;
        }
    }
}
