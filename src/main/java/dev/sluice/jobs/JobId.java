package dev.sluice.jobs;

import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The name a trainer gave its job: safe in a path, in a URL and in a file name as it stands. {@code jobs} itself is taken by the
 * routes below {@code /api/training}.
 */
public record JobId(String value) {
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
    private static final String RESERVED = "jobs";

    public JobId {
        if (!wellFormed(value)) {
            throw new IllegalArgumentException("not a job id");
        }
    }

    /** Empty when no job can have this id. */
    public static Optional<JobId> parse(String text) {
        return wellFormed(text) ? Optional.of(new JobId(text)) : Optional.empty();
    }

    /** For trainers that leave the naming to us. */
    public static JobId random() {
        return new JobId(UUID.randomUUID().toString());
    }

    private static boolean wellFormed(String text) {
        return FORM.matcher(text).matches() && !text.equals(RESERVED);
    }

    @Override
    public String toString() {
        return value;
    }
}
