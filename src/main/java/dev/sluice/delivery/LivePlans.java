package dev.sluice.delivery;

import dev.sluice.archive.ArchiveLayout;
import dev.sluice.archive.Entry;
import dev.sluice.archive.EntryFilter;
import dev.sluice.archive.EntryName;
import dev.sluice.http.EntityTag;
import dev.sluice.http.RangePolicy;
import dev.sluice.storage.ContentEncoding;
import dev.sluice.storage.ContentFacts;
import dev.sluice.storage.ContentIndex;
import dev.sluice.storage.Encodings;
import dev.sluice.storage.FileIdentity;
import dev.sluice.storage.LiveDirectory;
import dev.sluice.storage.LiveFile;
import dev.sluice.storage.Quarantine;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Plans what live jobs deliver. The tag covers what {@code lstat} shows of every file and how it is encoded, so it is
 * the same on every replica, before and after indexing. Event loop.
 */
public final class LivePlans {
    private final ContentIndex index;
    private final Encodings encodings;
    private final LiveReader reader;
    private final Quarantine quarantine;

    public LivePlans(ContentIndex index, Encodings encodings, LiveReader reader, Quarantine quarantine) {
        this.index = index;
        this.encodings = encodings;
        this.reader = reader;
        this.quarantine = quarantine;
    }

    /** One file as it is. */
    public Future<Representation> file(
            String owner, LiveFile file, String kind, String filename, String mediaType, RangePolicy ranges) {
        return index.find(owner, file.jobId(), file.path()).map(known -> {
            ContentFacts facts = known.of(file);
            return new Representation(
                    tag(file),
                    file.modified(),
                    ArchiveLayout.file(file.size()),
                    1,
                    // As it is: an encoding is a matter of archives.
                    source(
                            owner,
                            0,
                            List.of(new LiveSource.Content(
                                    file, new ContentFacts(facts.crc32(), facts.sha256(), Optional.empty())))),
                    kind,
                    mediaType,
                    filename,
                    facts.sha256().map(HexFormat.of()::parseHex),
                    ranges);
        });
    }

    /** The tag of a file as it is. */
    public static EntityTag tag(LiveFile file) {
        ContentTag tag = new ContentTag("file").add(file.jobId());
        addState(tag, file);
        return tag.tag();
    }

    /** An archive of those entries that the filter accepts. */
    public Future<Representation> archive(LiveArchive archive, ArchiveFormat format, EntryFilter filter) {
        List<LiveFile> files = archive.files().stream()
                .filter(file -> filter.accepts(name(archive, file.path()).value()))
                .toList();
        List<LiveDirectory> directories = archive.emptyDirectories().stream()
                .filter(directory ->
                        filter.accepts(name(archive, directory.path()).value()))
                .toList();
        return index.find(archive.owner(), archive.jobId(), archive.subtree())
                .compose(known -> switch (format) {
                    case ZIP -> choose(archive.owner(), files, known);
                    case TAR ->
                        Future.succeededFuture(files.stream()
                                .map(file -> asItIs(known.of(file)))
                                .toList());
                })
                .map(facts -> plan(archive, format, directories, files, facts));
    }

    /** By a permit while anything is still to be read for it, which is all the same for everyone who waits for it. */
    private Future<List<ContentFacts>> choose(String owner, List<LiveFile> files, ContentIndex.Known known) {
        List<LiveFile> undecided = encodings.undecided(files, known);
        if (undecided.isEmpty()) {
            return encodings.choose(owner, files, known);
        }
        ContentTag work = new ContentTag("encodings");
        undecided.forEach(file -> addState(work.add(file.jobId()), file));
        return reader.supervision()
                .read(new Admission.Shared(owner, work.tag(), ""), () -> encodings.choose(owner, files, known));
    }

    private static ContentFacts asItIs(ContentFacts facts) {
        return new ContentFacts(facts.crc32(), facts.sha256(), Optional.of(new ContentEncoding.Stored()));
    }

    private Representation plan(
            LiveArchive archive,
            ArchiveFormat format,
            List<LiveDirectory> directories,
            List<LiveFile> files,
            List<ContentFacts> facts) {
        List<Entry> entries = new ArrayList<>(directories.size() + files.size());
        List<LiveSource.Content> contents = new ArrayList<>(files.size());
        ContentTag tag = new ContentTag(format.extension() + " " + ArchiveLayout.VERSION);
        Instant modified = Instant.EPOCH;
        for (LiveDirectory directory : directories) {
            EntryName name = name(archive, directory.path());
            entries.add(Entry.directory(name, directory.modified(), directory.mode()));
            tag.add(name.value()).add(directory.mode()).add(directory.modified().getEpochSecond());
            modified = later(modified, directory.modified());
        }
        for (int i = 0; i < files.size(); i++) {
            LiveFile file = files.get(i);
            EntryName name = name(archive, file.path());
            addState(tag.add(name.value()), file);
            if (facts.get(i).encoding().orElse(null) instanceof ContentEncoding.Deflated deflated) {
                entries.add(Entry.deflated(name, file.size(), deflated.copy().size(), file.modified(), file.mode()));
                tag.add(deflated.copy().sha256());
            } else {
                entries.add(Entry.stored(name, file.size(), file.modified(), file.mode()));
                tag.add("");
            }
            contents.add(new LiveSource.Content(file, facts.get(i)));
            modified = later(modified, file.modified());
        }
        return new Representation(
                tag.tag(),
                modified,
                format.layout(entries),
                entries.size(),
                source(archive.owner(), directories.size(), contents),
                archive.kind(),
                format.mediaType(),
                archive.basename() + "." + format.extension(),
                Optional.empty(),
                archive.ranges());
    }

    private EntrySource source(String owner, int firstFile, List<LiveSource.Content> contents) {
        LiveSource source = new LiveSource(reader, owner, firstFile, contents);
        return new SuspectedSource(source, quarantine, owner, firstFile, contents);
    }

    private static EntryName name(LiveArchive archive, String path) {
        return EntryName.archived(archive.relative(path));
    }

    private static void addState(ContentTag tag, LiveFile file) {
        FileIdentity identity = file.identity();
        tag.add(file.path())
                .add(file.mode())
                .add(identity.size())
                .add(identity.modifiedNanos())
                .add(identity.changedNanos())
                .add(identity.inode());
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
