package dev.sluice.access;

import io.vertx.core.Future;
import io.vertx.ext.auth.authentication.TokenCredentials;
import io.vertx.ext.auth.jwt.JWTAuth;
import javax.crypto.spec.SecretKeySpec;

/** Tells whether a token's signature is that of one key by one algorithm. */
sealed interface SignatureCheck {
    /** Succeeds when it is, and fails otherwise. Completes at once. */
    Future<?> check(CompactToken token);

    /**
     * By HMAC (RFC 7518 section 3.2). {@link JWTAuth} could, too, but reads header and claims once more, which costs several times what
     * the HMAC does. Any thread.
     */
    record Secret(SecretKeySpec key) implements SignatureCheck {
        @Override
        public Future<?> check(CompactToken token) {
            return Hmac.isOf(key, token.signingInput(), token.signature())
                    ? Future.succeededFuture()
                    : Future.failedFuture(new InvalidToken(InvalidToken.Reason.SIGNATURE));
        }

        /** Without the secret. */
        @Override
        public String toString() {
            return "Secret[" + key.getAlgorithm() + "]";
        }
    }

    /** By a {@link JWTAuth} that holds this key alone, for this algorithm alone. Lets one thread at a time use it; a worker's. */
    record PublicKey(JWTAuth auth) implements SignatureCheck {
        @Override
        public Future<?> check(CompactToken token) {
            return Future.succeededFuture(new TokenCredentials(token.text())).compose(auth::authenticate);
        }
    }
}
