package dev.sluice.ingest;

import dev.sluice.ingest.FetchFailed.Then;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleSupplier;

/** Which source a fetch asks, and what follows from each failure: again after a pause, the next source, or the end. One thread. */
final class Tries {
    /** With this much more on disk than ever before, a try was not in vain. Bytes. */
    private static final long PROGRESS = 1 << 20;

    private static final int MOST_DOUBLINGS = 20;

    /** What follows. */
    sealed interface Next permits Again, OtherSource, Over {}

    /** The same source once more. */
    record Again(Duration pause) implements Next {}

    /** This one is given up; {@link Tries#source} is the next. */
    record OtherSource() implements Next {}

    /** @param why names what each source said */
    record Over(FetchFailed why) implements Next {}

    private final List<String> sources;
    private final FetchLimits limits;
    private final DoubleSupplier jitter;
    private final Set<String> refusals = new LinkedHashSet<>();
    private int source;
    private int failures;
    private long best;
    private boolean spliced;

    /**
     * @param jitter 0 to 1
     * @param here bytes that an earlier fetch left
     */
    Tries(List<String> sources, FetchLimits limits, DoubleSupplier jitter, long here) {
        this.sources = sources;
        this.limits = limits;
        this.jitter = jitter;
        this.best = here;
        this.spliced = here > 0;
    }

    String source() {
        return sources.get(source);
    }

    /** @param here bytes on disk by now */
    Next failed(FetchFailed why, long here) {
        spliced = here > 0;
        failures = here - best >= PROGRESS ? 1 : failures + 1;
        best = Math.max(best, here);
        boolean patient = why.retryAfter()
                .filter(wait -> wait.compareTo(limits.longestRetryAfter()) > 0)
                .isEmpty();
        if (why.then() == Then.GIVE_UP) {
            return new Over(why);
        }
        if (why.then() == Then.RETRY && patient && failures < limits.attempts()) {
            return new Again(pause(why.retryAfter()));
        }
        return refused(why);
    }

    /** What came is not what was promised, and nothing of it is kept: of one piece it may be right, for two versions may have met in it. */
    Next wrong(FetchFailed why) {
        boolean once = spliced;
        best = 0;
        spliced = false;
        return once ? new Again(Duration.ZERO) : refused(why);
    }

    private Next refused(FetchFailed why) {
        refusals.add(why.getMessage());
        source++;
        failures = 0;
        return source < sources.size()
                ? new OtherSource()
                : new Over(new FetchFailed(why.reason(), String.join("; ", refusals)));
    }

    /** Doubled with each failure; between half and all of it, so that many clients do not come in step. */
    private Duration pause(Optional<Duration> retryAfter) {
        long doubled = limits.firstPause().toMillis() << Math.min(MOST_DOUBLINGS, failures - 1);
        long most = Math.min(limits.longestPause().toMillis(), doubled);
        Duration ours = Duration.ofMillis((long) (most * (1 + jitter.getAsDouble()) / 2));
        return retryAfter.filter(told -> told.compareTo(ours) > 0).orElse(ours);
    }
}
