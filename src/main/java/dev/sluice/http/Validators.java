package dev.sluice.http;

import java.time.Instant;

/**
 * What identifies the current state of a representation (RFC 9110 §8.8).
 *
 * @param tag          equal on every replica for equal bytes
 * @param lastModified cut to the second and the years that an HTTP date can express, so that what is compared is what
 *                     was sent
 */
public record Validators(EntityTag tag, Instant lastModified) {
    public Validators {
        lastModified = HttpDate.expressible(lastModified);
    }
}
