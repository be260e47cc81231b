package dev.sluice.delivery;

import dev.sluice.storage.BlobId;
import dev.sluice.storage.LocalBlobStore;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;

/** Published content: blobs, of which everything is known. */
final class PublishedSource implements EntrySource {
    private final LocalBlobStore blobs;
    private final List<Optional<BlobId>> contents;
    private final int[] crc32;
    private final Consumer<BlobId> suspected;

    /**
     * @param contents by entry; empty for directories, which have no bytes
     * @param suspected told of each that the disk has failed to give
     */
    PublishedSource(LocalBlobStore blobs, List<Optional<BlobId>> contents, int[] crc32, Consumer<BlobId> suspected) {
        this.blobs = blobs;
        this.suspected = suspected;
        this.contents = List.copyOf(contents);
        this.crc32 = crc32;
    }

    @Override
    public OpenEntry open(int entry) throws IOException {
        return new Immutable(blobs.open(contents.get(entry).orElseThrow()));
    }

    @Override
    public Future<IntUnaryOperator> checksums(int first, int last) {
        return Future.succeededFuture(entry -> crc32[entry]);
    }

    @Override
    public void suspect(int entry) {
        contents.get(entry).ifPresent(suspected);
    }

    /** What has its digest for a name does not change. */
    record Immutable(FileChannel channel) implements OpenEntry {
        @Override
        public void recheck() {}

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
