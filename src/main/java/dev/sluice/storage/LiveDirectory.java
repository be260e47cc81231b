package dev.sluice.storage;

import java.time.Instant;

/**
 * A directory below which nothing is served.
 *
 * @param path relative to the job's directory, as on disk, parts separated by {@code /}
 * @param mode permission bits (07777)
 */
public record LiveDirectory(String path, Instant modified, int mode) {}
