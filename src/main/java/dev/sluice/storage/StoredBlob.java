package dev.sluice.storage;

import java.time.Instant;

/**
 * A blob that was found in the store.
 *
 * @param stored when its bytes were written; collecting leaves alone what is young, for its row may be on the way
 */
public record StoredBlob(BlobId id, Instant stored) {}
