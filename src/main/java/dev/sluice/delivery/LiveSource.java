package dev.sluice.delivery;

import dev.sluice.storage.BlobId;
import dev.sluice.storage.BlobStore;
import dev.sluice.storage.ContentEncoding;
import dev.sluice.storage.ContentFacts;
import dev.sluice.storage.LiveFile;
import dev.sluice.storage.OpenFile;
import dev.sluice.storage.Workspace;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntUnaryOperator;

/** Live files as a plan saw them: read where they lie, or from their deflated copies. */
final class LiveSource implements EntrySource {
    /** One entry's file and what is known of it. */
    record Content(LiveFile file, ContentFacts facts) {}

    private final LiveReader reader;
    private final String owner;
    private final int firstFile;
    private final List<Content> contents;
    /** By entry: what a header needed, the central directory needs again. */
    private final Map<Integer, Integer> computed = new ConcurrentHashMap<>();

    /**
     * @param firstFile index of the first entry that is a file; those before it are directories
     * @param contents of the entries from there on
     */
    LiveSource(LiveReader reader, String owner, int firstFile, List<Content> contents) {
        this.reader = reader;
        this.owner = owner;
        this.firstFile = firstFile;
        this.contents = contents;
    }

    @Override
    public OpenEntry open(int entry) throws IOException {
        return open(entry, reader.workspace()::open, PublishedSource::open);
    }

    @Override
    public Row row() {
        Workspace.Row files = reader.workspace().row();
        return new Row() {
            @Override
            public OpenEntry open(int entry) throws IOException {
                return LiveSource.this.open(entry, files::open, PublishedSource::openBriefly);
            }

            @Override
            public void close() throws IOException {
                files.close();
            }
        };
    }

    @Override
    public Optional<Remote> remote(int entry) {
        return contents.get(entry - firstFile).facts().encoding().orElse(null)
                        instanceof ContentEncoding.Deflated deflated
                ? PublishedSource.remote(reader.blobs(), deflated.copy())
                : Optional.empty();
    }

    @FunctionalInterface
    private interface Opener {
        OpenFile open(LiveFile file) throws IOException;
    }

    @FunctionalInterface
    private interface CopyOpener {
        OpenEntry open(BlobStore blobs, BlobId copy) throws IOException;
    }

    private OpenEntry open(int entry, Opener opener, CopyOpener copies) throws IOException {
        Content content = contents.get(entry - firstFile);
        if (content.facts().encoding().orElse(null) instanceof ContentEncoding.Deflated deflated) {
            return copies.open(reader.blobs(), deflated.copy());
        }
        return new Live(opener.open(content.file()));
    }

    @Override
    public Future<IntUnaryOperator> checksums(int first, int last) {
        int[] known = new int[last - first + 1];
        List<Future<?>> computing = new ArrayList<>();
        List<Integer> small = new ArrayList<>();
        for (int entry = Math.max(first, firstFile); entry <= last; entry++) {
            int slot = entry - first;
            Content content = contents.get(entry - firstFile);
            Integer before = computed.get(entry);
            if (content.facts().crc32().isPresent()) {
                known[slot] = content.facts().crc32().get().intValue();
            } else if (before != null) {
                known[slot] = before;
            } else if (content.file().size() > Steps.SMALL) {
                computing.add(compute(entry).onSuccess(crc32 -> known[slot] = crc32));
            } else if (content.file().size() > 0) {
                small.add(entry);
            }
        }
        if (!small.isEmpty()) {
            computing.add(computeSmall(small)
                    .onSuccess(done -> small.forEach(
                            entry -> known[entry - first] = Objects.requireNonNull(computed.get(entry)))));
        }
        return Future.all(computing).map(all -> entry -> known[entry - first]);
    }

    private Future<Void> computeSmall(List<Integer> entries) {
        List<LiveFile> files = entries.stream()
                .map(entry -> contents.get(entry - firstFile).file())
                .toList();
        return reader.crc32(owner, files)
                .onSuccess(crc32 -> {
                    for (int i = 0; i < files.size(); i++) {
                        computed.put(entries.get(i), crc32.get(i).intValue());
                    }
                })
                .mapEmpty();
    }

    @Override
    public long computed() {
        return reader.checksums().computed();
    }

    private Future<Integer> compute(int entry) {
        return reader.crc32(owner, contents.get(entry - firstFile).file())
                .map(Long::intValue)
                .onSuccess(crc32 -> computed.put(entry, crc32));
    }

    private record Live(OpenFile file) implements OpenEntry {
        @Override
        public FileChannel channel() {
            return file.channel();
        }

        @Override
        public void recheck() throws IOException {
            file.recheck();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
