package dev.sluice.delivery;

import dev.sluice.archive.ArchiveLayout;
import dev.sluice.http.EntityTag;
import dev.sluice.http.RangePolicy;
import java.time.Instant;
import java.util.Optional;

/**
 * What a GET of one resource delivers, before conditions and ranges: a file is one segment, an archive is many, and
 * nothing below knows the difference (RFC 9110 §3.2).
 *
 * @param tag strong; everything that may change the bytes is in it
 * @param lastModified the content's own time, never the time of the request
 * @param layout the exact bytes, as a plan
 * @param entries how many things the layout has
 * @param source where the plan's file regions are read
 * @param kind what the records and meters call it, such as {@code model} or {@code logs}
 * @param filename what the client should save it as
 * @param sha256 digest of the whole representation, when known (RFC 9530)
 */
public record Representation(
        EntityTag tag,
        Instant lastModified,
        ArchiveLayout layout,
        int entries,
        EntrySource source,
        String kind,
        String mediaType,
        String filename,
        Optional<byte[]> sha256,
        RangePolicy ranges) {
    /** The same, now that its digest is known. */
    public Representation withSha256(byte[] digest) {
        return new Representation(
                tag, lastModified, layout, entries, source, kind, mediaType, filename, Optional.of(digest), ranges);
    }

    /** The same, to be saved under another name. */
    public Representation named(String name) {
        return new Representation(tag, lastModified, layout, entries, source, kind, mediaType, name, sha256, ranges);
    }
}
