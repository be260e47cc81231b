package dev.sluice.access;

import java.time.Instant;
import java.util.BitSet;
import java.util.UUID;

/**
 * What a signed link names. Nothing of it is stored: it travels in the link, signed.
 *
 * @param tag opaque part of the content's entity tag: the link is of these bytes alone
 * @param files positions of the model's files that are meant; none means all
 * @param format the archive's extension, or the word file for the one that is meant, as it is
 * @param subject whom it was issued to
 * @param modelEpoch of the model when it was issued
 * @param shareEpoch of the share by which the subject reads the model; 0 for its owner
 * @param expiresAt whole seconds
 * @param filename the last segment of the link, and the name to save as
 */
public record DownloadLink(
        UUID model,
        String tag,
        BitSet files,
        String format,
        String subject,
        long modelEpoch,
        long shareEpoch,
        Instant expiresAt,
        String filename) {}
