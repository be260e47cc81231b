package dev.sluice.access;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;

/**
 * Lets requests with a valid bearer token pass (RFC 6750 §2.1) and fails the others with {@link TokenFailure}. The body is
 * held back meanwhile, so that an upload is not read before its sender is known. Event loop.
 */
public final class BearerAuthentication implements Handler<RoutingContext> {
    private final TokenVerifier verifier;

    public BearerAuthentication(TokenVerifier verifier) {
        this.verifier = verifier;
    }

    @Override
    public void handle(RoutingContext ctx) {
        Optional<String> token = BearerToken.from(ctx.request().headers().getAll(HttpHeaders.AUTHORIZATION));
        if (token.isEmpty()) {
            ctx.fail(new InvalidToken(InvalidToken.Reason.MALFORMED));
            return;
        }
        ctx.request().pause();
        Future<Subject> verified = verifier.verify(token.get());
        verified.onComplete(subject -> {
            ctx.request().resume();
            if (subject.succeeded()) {
                Authenticated.pass(ctx, subject.result());
            } else {
                ctx.fail(subject.cause());
            }
        });
    }
}
