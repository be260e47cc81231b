package dev.sluice.delivery;

import dev.sluice.archive.ArchiveLayout;
import dev.sluice.archive.Entry;
import dev.sluice.archive.EntryFilter;
import dev.sluice.archive.EntryName;
import dev.sluice.http.EntityTag;
import dev.sluice.http.RangePolicy;
import dev.sluice.storage.BlobId;
import dev.sluice.storage.BlobStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Plans what published models deliver, from what was recorded at publication alone: no disk is looked at. The tag covers the
 * digests, so equal content has equal tags, whoever published it. Any thread.
 */
public final class PublishedPlans {
    private final BlobStore blobs;
    private final Consumer<BlobId> suspected;
    private final boolean redirects;

    /**
     * Of a store that clients are not sent to.
     *
     * @param suspected told of each content that the disk has failed to give; event loop
     */
    public PublishedPlans(BlobStore blobs, Consumer<BlobId> suspected) {
        this(blobs, suspected, false);
    }

    /**
     * @param suspected told of each content that the disk has failed to give; event loop
     * @param redirects whether clients may be sent to the store for single files
     */
    public PublishedPlans(BlobStore blobs, Consumer<BlobId> suspected, boolean redirects) {
        this.blobs = blobs;
        this.redirects = redirects;
        this.suspected = suspected;
    }

    /** One file as it is; it has content. */
    public Representation file(PublishedFile file, String kind, String filename, String mediaType) {
        BlobId content = file.content().orElseThrow();
        return new Representation(
                tag(content),
                file.modified(),
                ArchiveLayout.file(content.size()),
                1,
                new PublishedSource(
                        blobs, List.of(Optional.of(content)), new int[] {(int) file.crc32()}, suspected, redirects),
                kind,
                mediaType,
                filename,
                Optional.of(HexFormat.of().parseHex(content.sha256())),
                RangePolicy.ALWAYS);
    }

    /** The tag of a content that is delivered as it is. */
    public static EntityTag tag(BlobId content) {
        return new ContentTag("published file").add(content.sha256()).tag();
    }

    /** An archive of those files that the filter accepts, in their order; its digest is not known here. */
    public Representation archive(
            List<PublishedFile> files, ArchiveFormat format, EntryFilter filter, String kind, String basename) {
        List<Entry> entries = new ArrayList<>(files.size());
        List<Optional<BlobId>> sources = new ArrayList<>(files.size());
        int[] crc32 = new int[files.size()];
        ContentTag tag = new ContentTag("published " + format.extension() + " " + ArchiveLayout.VERSION);
        Instant modified = Instant.EPOCH;
        for (PublishedFile file : files) {
            EntryName name = EntryName.archived(file.path());
            if (!filter.accepts(name.value())) {
                continue;
            }
            Optional<BlobId> copy = format == ArchiveFormat.ZIP ? file.copy() : Optional.empty();
            crc32[entries.size()] = (int) file.crc32();
            entries.add(entry(name, file, copy));
            sources.add(copy.or(file::content));
            tag.add(name.value())
                    .add(file.mode())
                    .add(file.modified().getEpochSecond())
                    .add(file.content().map(BlobId::sha256).orElse(""))
                    .add(copy.map(BlobId::sha256).orElse(""));
            modified = file.modified().isAfter(modified) ? file.modified() : modified;
        }
        return new Representation(
                tag.tag(),
                modified,
                format.layout(entries),
                entries.size(),
                new PublishedSource(blobs, sources, crc32, suspected, false),
                kind,
                format.mediaType(),
                basename + "." + format.extension(),
                Optional.empty(),
                RangePolicy.ALWAYS);
    }

    private static Entry entry(EntryName name, PublishedFile file, Optional<BlobId> copy) {
        if (file.content().isEmpty()) {
            return Entry.directory(name, file.modified(), file.mode());
        }
        long size = file.content().get().size();
        return copy.map(stream -> Entry.deflated(name, size, stream.size(), file.modified(), file.mode()))
                .orElseGet(() -> Entry.stored(name, size, file.modified(), file.mode()));
    }
}
