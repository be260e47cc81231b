package dev.sluice.ingest;

import java.time.Duration;
import java.util.Optional;

/** Why a fetch, or one try of it, came to nothing. The message is a sentence for people: it names no path, query or secret. */
public final class FetchFailed extends Exception {
    private static final long serialVersionUID = 1L;

    /** What follows from a failure. */
    enum Then {
        /** The same source may do better later. */
        RETRY,
        /** This source will not give the file, another may. */
        NEXT_SOURCE,
        /** No source can help. */
        GIVE_UP
    }

    public enum Reason {
        /** The host, address or scheme is not one to fetch from. */
        REFUSED(Then.NEXT_SOURCE),
        /** A status that will not change by asking again. */
        STATUS(Then.NEXT_SOURCE),
        /** Something that HTTP does not allow or that is of no use here. */
        BAD_ANSWER(Then.NEXT_SOURCE),
        TOO_LARGE(Then.NEXT_SOURCE),
        WRONG_LENGTH(Then.NEXT_SOURCE),
        WRONG_DIGEST(Then.NEXT_SOURCE),
        /** No connection, no answer, a reset, a 429 or 5xx. */
        UNREACHABLE(Then.RETRY),
        STALLED(Then.RETRY),
        /** The file is another one than that of which a part is here. */
        CHANGED(Then.RETRY),
        NO_SPACE(Then.GIVE_UP),
        /** The disk refused. */
        DISK(Then.GIVE_UP),
        CANCELLED(Then.GIVE_UP);

        private final Then then;

        Reason(Then then) {
            this.then = then;
        }
    }

    private final Reason reason;
    private final transient Optional<Duration> retryAfter;

    FetchFailed(Reason reason, String message) {
        this(reason, message, Optional.empty());
    }

    /** @param retryAfter how long the upstream asked to be left alone */
    FetchFailed(Reason reason, String message, Optional<Duration> retryAfter) {
        super(message, null, false, false);
        this.reason = reason;
        this.retryAfter = retryAfter;
    }

    public Reason reason() {
        return reason;
    }

    /** Whether asking again later may help: the network's trouble and a full disk pass, a wrong digest does not. */
    public boolean retryable() {
        return reason.then == Then.RETRY || reason == Reason.NO_SPACE || reason == Reason.DISK;
    }

    Then then() {
        return reason.then;
    }

    Optional<Duration> retryAfter() {
        return retryAfter;
    }
}
