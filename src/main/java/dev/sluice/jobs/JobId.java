package dev.sluice.jobs;

import java.util.Optional;
import java.util.UUID;

/**
 * The name a trainer gave its job: safe in a path, in a URL and in a file name as it stands. {@code jobs} itself is taken by the
 * routes below {@code /api/training}.
 */
public record JobId(String value) {
    private static final int MAX_LENGTH = 128;
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

    /** {@code [A-Za-z0-9][A-Za-z0-9._-]{0,127}}, without a pattern's machinery for each request. */
    private static boolean wellFormed(String text) {
        if (text.isEmpty() || text.length() > MAX_LENGTH || !isLetterOrDigit(text.charAt(0))) {
            return false;
        }
        for (int at = 1; at < text.length(); at++) {
            char c = text.charAt(at);
            if (!isLetterOrDigit(c) && c != '.' && c != '_' && c != '-') {
                return false;
            }
        }
        return !text.equals(RESERVED);
    }

    private static boolean isLetterOrDigit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    @Override
    public String toString() {
        return value;
    }
}
