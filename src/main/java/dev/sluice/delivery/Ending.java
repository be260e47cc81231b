package dev.sluice.delivery;

import dev.sluice.metrics.Outcome;

/** Why the server ends a transfer that could go on. */
public enum Ending {
    STALLED(Outcome.STALLED, "No progress within the stall timeout"),
    DRAINED(Outcome.DRAINED, "The server stops");

    private final Outcome outcome;
    private final String reason;

    Ending(Outcome outcome, String reason) {
        this.outcome = outcome;
        this.reason = reason;
    }

    public Outcome outcome() {
        return outcome;
    }

    String reason() {
        return reason;
    }
}
