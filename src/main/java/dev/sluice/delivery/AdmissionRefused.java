package dev.sluice.delivery;

import dev.sluice.http.Problem;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/** Work that may not start now. An outcome, not a fault: no stack trace is taken, so that refusing stays cheap. */
public final class AdmissionRefused extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Clients that are refused together must not come back together. Seconds. */
    private static final int SOONEST = 1;

    private static final int LATEST = 5;

    /** What stood in the way. */
    enum Reason {
        /** The owner has as much of its class under way as one owner may have. */
        OWNER,
        /** All permits of the class are taken. */
        SERVER,
        /** The server is about to stop. */
        DRAINING;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final CostClass cost;
    private final Reason reason;

    AdmissionRefused(CostClass cost, Reason reason) {
        super(cost.label() + " refused by " + reason.label(), null, false, false);
        this.cost = cost;
        this.reason = reason;
    }

    CostClass cost() {
        return cost;
    }

    Reason reason() {
        return reason;
    }

    /** As the client sees it. The fields are those of draft-ietf-httpapi-ratelimit-headers-11 §3 and §4. */
    Problem problem(TransferLimits limits) {
        TransferLimits.Limit limit = limits.of(cost);
        int seconds = ThreadLocalRandom.current().nextInt(SOONEST, LATEST + 1);
        Duration later = Duration.ofSeconds(seconds);
        return switch (reason) {
            case OWNER ->
                limited(
                        Problem.tooManyRequests(
                                "You have as many " + cost.described() + " as one owner may have: "
                                        + limit.mostPerOwner(),
                                later),
                        limit.mostPerOwner(),
                        seconds);
            case SERVER ->
                limited(
                        Problem.unavailable("The server has as many " + cost.described() + " as it takes", later),
                        limit.most(),
                        seconds);
            case DRAINING -> Problem.unavailable("The server is stopping", later);
        };
    }

    private Problem limited(Problem problem, int quota, int seconds) {
        String policy = '"' + (cost == CostClass.STREAM ? "" : cost.label() + "-") + reason.label() + '"';
        return problem.withHeader("RateLimit-Policy", policy + ";q=" + quota + ";qu=\"concurrent-requests\"")
                .withHeader("RateLimit", policy + ";r=0;t=" + seconds);
    }
}
