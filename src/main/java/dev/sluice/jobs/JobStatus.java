package dev.sluice.jobs;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where a job stands. It moves {@code pending → running → completed | failed | cancelled} and never back. */
public enum JobStatus {
    PENDING,
    RUNNING,
    COMPLETED,
    FAILED,
    CANCELLED;

    private static final Map<String, JobStatus> BY_LABEL =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(JobStatus::label, Function.identity()));

    /** The word for it in JSON, in queries and in the database. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<JobStatus> labelled(String label) {
        return Optional.ofNullable(BY_LABEL.get(label));
    }

    /** For messages: every label, in order. */
    static String labels() {
        return Stream.of(values()).map(JobStatus::label).collect(Collectors.joining(", "));
    }

    /**
     * Whether a job may go from here to {@code next} in one step. Staying is no step: a second {@code running} is as wrong as a step
     * back, so that of two reports of one change exactly one is told that it made it.
     */
    public boolean mayBecome(JobStatus next) {
        return switch (this) {
            case PENDING -> next == RUNNING;
            case RUNNING -> next.terminal();
            case COMPLETED, FAILED, CANCELLED -> false;
        };
    }

    /** Whether nothing follows: the job's content is not expected to move any more. */
    public boolean terminal() {
        return switch (this) {
            case PENDING, RUNNING -> false;
            case COMPLETED, FAILED, CANCELLED -> true;
        };
    }
}
