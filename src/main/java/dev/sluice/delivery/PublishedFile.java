package dev.sluice.delivery;

import dev.sluice.storage.BlobId;
import java.time.Instant;
import java.util.Optional;

/**
 * A published file, or a directory without any, as its archive carries it.
 *
 * @param path relative to the archive, as on disk
 * @param content empty for a directory
 * @param crc32 of the content, 0 to 2³²-1
 * @param copy the raw deflate stream (RFC 1951) that carries it in zips; else it is stored
 */
public record PublishedFile(
        String path, Instant modified, int mode, Optional<BlobId> content, long crc32, Optional<BlobId> copy) {}
