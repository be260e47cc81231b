package dev.sluice.delivery;

import dev.sluice.http.ContentDisposition;
import dev.sluice.storage.BlobId;
import dev.sluice.storage.BlobStore;
import dev.sluice.storage.LocalBlobStore;
import dev.sluice.storage.RemoteBlobStore;
import dev.sluice.storage.SharedChannel;
import io.vertx.core.Future;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;

/** Published content: blobs, of which everything is known. */
final class PublishedSource implements EntrySource {
    /** For a client to begin; one that has begun is not broken off. */
    private static final Duration REDIRECT_HOLDS = Duration.ofMinutes(1);

    private final BlobStore blobs;
    private final List<Optional<BlobId>> contents;
    private final int[] crc32;
    private final Consumer<BlobId> suspected;
    private final boolean redirects;

    /**
     * @param contents by entry; empty for directories, which have no bytes
     * @param suspected told of each that the disk has failed to give
     * @param redirects whether the client may be sent to the store for the one entry
     */
    PublishedSource(
            BlobStore blobs,
            List<Optional<BlobId>> contents,
            int[] crc32,
            Consumer<BlobId> suspected,
            boolean redirects) {
        this.blobs = blobs;
        this.redirects = redirects;
        this.suspected = suspected;
        this.contents = List.copyOf(contents);
        this.crc32 = crc32;
    }

    @Override
    public OpenEntry open(int entry) throws IOException {
        return open(blobs, contents.get(entry).orElseThrow());
    }

    @Override
    public Optional<Remote> remote(int entry) {
        return contents.get(entry).flatMap(content -> remote(blobs, content));
    }

    @Override
    public Row row() {
        return new Row() {
            @Override
            public OpenEntry open(int entry) throws IOException {
                return openBriefly(blobs, contents.get(entry).orElseThrow());
            }

            @Override
            public void close() {}
        };
    }

    /** Of a store of files; one descriptor for all who read the same. Worker thread. */
    static OpenEntry open(BlobStore blobs, BlobId content) throws IOException {
        SharedChannel share = files(blobs, content).share(content);
        return new Immutable(share.channel(), share);
    }

    /** As {@link #open}, for what is closed at once: to find out who has it open costs more than a descriptor. */
    static OpenEntry openBriefly(BlobStore blobs, BlobId content) throws IOException {
        FileChannel own = files(blobs, content).open(content);
        return new Immutable(own, own);
    }

    private static LocalBlobStore files(BlobStore blobs, BlobId content) {
        if (blobs instanceof LocalBlobStore local) {
            return local;
        }
        throw new IllegalStateException("blob " + content.sha256() + " is no file");
    }

    /** Of a store elsewhere. */
    static Optional<Remote> remote(BlobStore blobs, BlobId content) {
        return blobs instanceof RemoteBlobStore remote
                ? Optional.of((from, until) -> remote.read(content, from, until))
                : Optional.empty();
    }

    @Override
    public Optional<URI> elsewhere(String filename, String mediaType) {
        return redirects && blobs instanceof RemoteBlobStore remote
                ? Optional.of(remote.presigned(
                        contents.get(0).orElseThrow(),
                        ContentDisposition.attachment(filename).toString(),
                        mediaType,
                        REDIRECT_HOLDS))
                : Optional.empty();
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
    private record Immutable(FileChannel channel, Closeable claim) implements OpenEntry {
        @Override
        public void recheck() {}

        @Override
        public void close() throws IOException {
            claim.close();
        }
    }
}
