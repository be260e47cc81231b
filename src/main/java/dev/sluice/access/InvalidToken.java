package dev.sluice.access;

/** The token is refused (401). The reason is for the log; the client learns only that the token is invalid. */
public final class InvalidToken extends TokenFailure {
    /** What was wrong, as a closed list, so that nothing a client wrote gets into a log line. */
    public enum Reason {
        TOO_LONG("longer than 8 KiB"),
        MALFORMED("not a JWS of three base64url parts"),
        MALFORMED_JSON("header or claims are not one strict JSON object"),
        ALGORITHM("algorithm missing, none or unknown"),
        CRITICAL_HEADER("critical header extension"),
        TYPE("typ is not that of an access token"),
        KEY_ID("kid is not a string"),
        NO_KEY("no key fits the algorithm"),
        UNKNOWN_KEY("no key for its kid and algorithm"),
        AMBIGUOUS_KEY("several keys fit"),
        SIGNATURE("signature does not verify"),
        SUBJECT("sub missing or unusable"),
        EXPIRY("exp missing or not a time"),
        EXPIRED("expired"),
        NOT_BEFORE("nbf is not a time"),
        NOT_YET_VALID("not valid yet"),
        ISSUED_AT("iat is not a time"),
        ISSUER("wrong issuer"),
        AUDIENCE("wrong audience"),
        SCOPE("scope is not a string");

        private final String text;

        Reason(String text) {
            this.text = text;
        }
    }

    private final Reason reason;

    InvalidToken(Reason reason) {
        super(reason.text);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
