package dev.sluice.access;

import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;

/**
 * Lets requests with a valid bearer token pass (RFC 6750 §2.1), or without an {@code Authorization} those of a browser's
 * {@link Session}, and fails the others with {@link TokenFailure}. The body is held back meanwhile, so that an upload is not read before
 * its sender is known. Event loop.
 */
public final class BearerAuthentication implements Handler<RoutingContext> {
    private final TokenVerifier verifier;

    public BearerAuthentication(TokenVerifier verifier) {
        this.verifier = verifier;
    }

    @Override
    public void handle(RoutingContext ctx) {
        List<String> authorization = ctx.request().headers().getAll(HttpHeaders.AUTHORIZATION);
        Optional<Session> session = authorization.isEmpty() ? Session.of(ctx.request()) : Optional.empty();
        Optional<String> token = session.map(Session::token).or(() -> BearerToken.from(authorization));
        if (token.isEmpty()) {
            ctx.fail(new InvalidToken(InvalidToken.Reason.MALFORMED));
            return;
        }
        ctx.request().pause();
        Future<Subject> verified = verifier.verify(token.get());
        verified.onComplete(subject -> {
            ctx.request().resume();
            if (subject.failed()) {
                ctx.fail(subject.cause());
            } else if (session.isPresent() && !session.get().allows(ctx.request())) {
                ctx.fail(new ProblemException(
                        Problem.forbidden("A write by cookie needs the page's token in " + Session.CSRF_HEADER)));
            } else {
                Authenticated.pass(ctx, subject.result());
            }
        });
    }
}
