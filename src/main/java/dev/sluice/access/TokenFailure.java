package dev.sluice.access;

/** Why {@link TokenVerifier#verify} answers no subject. Its message never holds any part of a token. */
public abstract sealed class TokenFailure extends RuntimeException permits InvalidToken, KeysUnavailable {
    TokenFailure(String message) {
        // An expected outcome of a request: without a stack trace, which would cost more than the check.
        super(message, null, false, false);
    }
}
