package dev.sluice.ingest;

import dev.sluice.ingest.FetchFailed.Then;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which source a fetch asks, and what follows from each failure: the next source at once, all of them again after a pause, or the
 * end. One thread.
 */
final class Tries {
    /** With this much more on disk than ever before, a try was not in vain. Bytes. */
    private static final long PROGRESS = 1 << 20;

    /** Tries in a row of a source that some bytes are here from: another may have another version of them. */
    private static final int LOYAL = 3;

    private static final int MOST_DOUBLINGS = 20;

    /** What follows. */
    sealed interface Next permits Again, OtherSource, Over {}

    /** {@link Tries#source} again, or the first one again when each that is left has failed. */
    record Again(Duration pause) implements Next {}

    /** {@link Tries#source}, which is another one now. */
    record OtherSource() implements Next {}

    /** @param why names what each source said */
    record Over(FetchFailed why) implements Next {}

    /** Those that are not given up. */
    private final List<String> sources;

    private final FetchLimits limits;
    private final DoubleSupplier jitter;
    /** By source, what it said last. */
    private final Map<String, String> said = new LinkedHashMap<>();

    private int source;
    /** Failures in a row, with a pause after each. */
    private int failures;
    /** Of this source, since another was asked. */
    private int inRow;
    /** The longest that any of them has asked for since the last pause. */
    private Optional<Duration> told = Optional.empty();

    private long best;
    private boolean spliced;

    /**
     * @param jitter 0 to 1
     * @param here bytes that an earlier fetch left
     */
    Tries(List<String> sources, FetchLimits limits, DoubleSupplier jitter, long here) {
        this.sources = new ArrayList<>(sources);
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
        boolean progress = here - best >= PROGRESS;
        best = Math.max(best, here);
        if (why.then() == Then.GIVE_UP) {
            return new Over(why);
        }
        boolean patient = why.retryAfter()
                .filter(wait -> wait.compareTo(limits.longestRetryAfter()) > 0)
                .isEmpty();
        if (why.then() != Then.RETRY || !patient) {
            return refused(why);
        }
        said.put(source(), why.getMessage());
        told = Stream.of(told, why.retryAfter()).flatMap(Optional::stream).max(Comparator.naturalOrder());
        if (progress) {
            inRow = 0;
            failures = 1;
            return new Again(pause());
        }
        if (here > 0 && ++inRow < LOYAL && failures + 1 < limits.attempts()) {
            failures++;
            return new Again(pause());
        }
        source++;
        return nextOrAgain(why);
    }

    /** What came is not what was promised, and nothing of it is kept: of one piece it may be right, for two versions may have met in it. */
    Next wrong(FetchFailed why) {
        boolean once = spliced;
        best = 0;
        spliced = false;
        return once ? new Again(Duration.ZERO) : refused(why);
    }

    private Next refused(FetchFailed why) {
        said.put(source(), why.getMessage());
        sources.remove(source);
        return nextOrAgain(why);
    }

    private Next nextOrAgain(FetchFailed why) {
        inRow = 0;
        if (source < sources.size()) {
            return new OtherSource();
        }
        source = 0;
        failures++;
        if (sources.isEmpty() || failures >= limits.attempts()) {
            String all = said.values().stream().distinct().collect(Collectors.joining("; "));
            return new Over(new FetchFailed(why.reason(), all));
        }
        return new Again(pause());
    }

    /** Doubled with each failure; between half and all of it, so that many clients do not come in step. */
    private Duration pause() {
        long doubled = limits.firstPause().toMillis() << Math.min(MOST_DOUBLINGS, failures - 1);
        long most = Math.min(limits.longestPause().toMillis(), doubled);
        Duration ours = Duration.ofMillis((long) (most * (1 + jitter.getAsDouble()) / 2));
        Duration pause = told.filter(asked -> asked.compareTo(ours) > 0).orElse(ours);
        told = Optional.empty();
        return pause;
    }
}
