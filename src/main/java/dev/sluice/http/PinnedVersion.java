package dev.sluice.http;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The value of {@code ?v=}: the version that a URL means. It acts like an {@code If-Match} with one tag, so that a link
 * without header fields resumes safely.
 *
 * @param tag compared strongly
 */
public record PinnedVersion(EntityTag tag) {
    /**
     * Reads the percent-decoded query value; the quotes of the tag are optional. Empty when it is no entity tag, and
     * such a value names no version that exists.
     */
    public static Optional<PinnedVersion> parse(String value) {
        if (value.indexOf('"') < 0) {
            return EntityTag.parse('"' + value + '"').map(PinnedVersion::new);
        }
        return EntityTag.parse(value).map(PinnedVersion::new);
    }

    public boolean matches(EntityTag current) {
        return tag.strongEquals(current);
    }

    /** What stands behind {@code ?v=} in a URL: without quotes, percent-encoded. */
    @Override
    public String toString() {
        return URLEncoder.encode(tag.opaque(), StandardCharsets.UTF_8);
    }
}
