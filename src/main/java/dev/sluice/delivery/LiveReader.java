package dev.sluice.delivery;

import dev.sluice.storage.Checksums;
import dev.sluice.storage.LocalBlobStore;
import dev.sluice.storage.Workspace;

/** Where live content is read and measured. */
public record LiveReader(Workspace workspace, LocalBlobStore blobs, Checksums checksums) {}
