package dev.sluice.ingest;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A file to be fetched.
 *
 * @param key names this file among all that are fetched into one directory, such as a job and a path: what one process left
 *     unfinished, the next goes on with under the same key
 * @param sources URLs of the same bytes, asked in this order
 * @param size exact number of bytes, when the caller knows it: another length is an error
 * @param sizeHint about how many bytes; for the check of free space and for progress, before the upstream says more
 * @param sha256 64 lower-case hexadecimal digits, when known
 * @param bytesPerSecond upper bound; empty means as fast as it goes
 * @param connections 1 to 16: how many ranges are fetched at a time, where the upstream serves ranges
 */
public record FetchRequest(
        String key,
        List<String> sources,
        OptionalLong size,
        OptionalLong sizeHint,
        Optional<String> sha256,
        OptionalLong bytesPerSecond,
        int connections) {
    public static final int MOST_CONNECTIONS = 16;

    public FetchRequest {
        sources = List.copyOf(sources);
        if (sources.isEmpty() || connections < 1 || connections > MOST_CONNECTIONS) {
            throw new IllegalArgumentException("a fetch has a source and 1 to " + MOST_CONNECTIONS + " connections");
        }
    }

    /** From one place, as fast as it goes, over one connection. */
    public static FetchRequest of(String key, String url, OptionalLong size, Optional<String> sha256) {
        return new FetchRequest(key, List.of(url), size, size, sha256, OptionalLong.empty(), 1);
    }
}
