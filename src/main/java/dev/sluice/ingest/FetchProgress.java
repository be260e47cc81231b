package dev.sluice.ingest;

import java.util.OptionalLong;

/**
 * How far a fetch has come.
 *
 * @param bytes that are on disk
 * @param total as the upstream says
 */
public record FetchProgress(Phase phase, long bytes, OptionalLong total) {
    public enum Phase {
        DOWNLOADING,
        /** All bytes are here; they are hashed and made durable. */
        VERIFYING
    }
}
