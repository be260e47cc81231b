package dev.sluice.http;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a request that decide how a representation is sent. Each is the field's value or null when it is absent;
 * several lines of one field are joined by ", " (RFC 9110 §5.3), which makes a repeated date or range malformed, as it
 * should be.
 *
 * @param version the percent-decoded {@code ?v=} of the URL, see {@link PinnedVersion}
 */
public record ConditionalRequest(
        String method,
        @Nullable String version,
        @Nullable String ifMatch,
        @Nullable String ifUnmodifiedSince,
        @Nullable String ifNoneMatch,
        @Nullable String ifModifiedSince,
        @Nullable String ifRange,
        @Nullable String range) {
    /**
     * Picks the fields out of a request.
     *
     * @param fieldLines from a field's name, in its usual spelling, to the values of its lines in order
     */
    public static ConditionalRequest from(
            String method, @Nullable String version, Function<String, List<String>> fieldLines) {
        return new ConditionalRequest(
                method,
                version,
                joined(fieldLines.apply("If-Match")),
                joined(fieldLines.apply("If-Unmodified-Since")),
                joined(fieldLines.apply("If-None-Match")),
                joined(fieldLines.apply("If-Modified-Since")),
                joined(fieldLines.apply("If-Range")),
                joined(fieldLines.apply("Range")));
    }

    private static @Nullable String joined(List<String> lines) {
        return lines.isEmpty() ? null : String.join(", ", lines);
    }
}
