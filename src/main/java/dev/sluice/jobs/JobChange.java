package dev.sluice.jobs;

import java.util.Optional;

/**
 * That something changed of what is told of a job, or that it is gone, as the triggers of its table announce it.
 *
 * @param owner before the change
 */
record JobChange(String jobId, String owner) {
    private static final String KIND = "job ";

    /** Empty when something else was announced. */
    static Optional<JobChange> announced(String text) {
        int end = text.indexOf(' ', KIND.length());
        return text.startsWith(KIND) && end > 0
                ? Optional.of(new JobChange(text.substring(KIND.length(), end), text.substring(end + 1)))
                : Optional.empty();
    }

    static String announcement(Job job) {
        return KIND + job.id().value() + ' ' + job.owner();
    }
}
