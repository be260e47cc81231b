package dev.sluice.models;

import dev.sluice.archive.EntryFilter;
import dev.sluice.delivery.ArchiveDigest;
import dev.sluice.delivery.ArchiveFormat;
import dev.sluice.delivery.PublishedFile;
import dev.sluice.delivery.PublishedPlans;
import dev.sluice.delivery.Representation;
import dev.sluice.ingest.FetchedFile;
import dev.sluice.storage.BlobId;
import dev.sluice.storage.Blobs;
import dev.sluice.storage.Compressibility;
import dev.sluice.storage.ContentChanged;
import dev.sluice.storage.Deflated;
import dev.sluice.storage.LiveDirectory;
import dev.sluice.storage.LiveFile;
import dev.sluice.storage.OpenFile;
import dev.sluice.storage.ParallelDeflater;
import dev.sluice.storage.Snapshot;
import dev.sluice.storage.StagedBlob;
import dev.sluice.storage.Workspace;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Takes files out of a job's live directory into the blob store: each is copied, hashed, inspected and, where that is worth it,
 * deflated once for all archives to come. Files are taken one after the other, so a model takes one thread. Event loop; bytes on
 * the worker.
 */
public final class Intake {
    static final EntryFilter EVERYTHING = EntryFilter.of(List.of(), List.of());

    /** Smaller files are stored, as in live archives. Bytes. */
    private static final long SMALLEST_DEFLATED = 512;

    private static final int FETCHED_MODE = 0644;

    private static final int PIECE = 1 << 20;

    private final Workspace workspace;
    private final Blobs blobs;
    private final PublishedPlans plans;
    private final ParallelDeflater deflater;
    private final WorkerExecutor worker;

    public Intake(
            Workspace workspace, Blobs blobs, PublishedPlans plans, ParallelDeflater deflater, WorkerExecutor worker) {
        this.workspace = workspace;
        this.blobs = blobs;
        this.plans = plans;
        this.deflater = deflater;
        this.worker = worker;
    }

    /** What was taken. */
    record Taken(List<ModelFile> files, Model.ArchiveDigest archive) {}

    /**
     * Takes all that a look finds, if it finds the same again afterwards; fails with {@link ContentChanged} when not.
     *
     * @param look on the worker
     */
    Future<Taken> take(Callable<Snapshot> look) {
        return worker.executeBlocking(look, false)
                .compose(before -> copies(before)
                        .compose(files -> worker.executeBlocking(look, false).compose(after -> {
                            return after.equals(before)
                                    ? whole(files)
                                    : Future.failedFuture(
                                            new ContentChanged("files of the model changed while they were copied"));
                        })));
    }

    private Future<List<ModelFile>> copies(Snapshot snapshot) {
        List<ModelFile> files = new ArrayList<>();
        for (LiveDirectory empty : snapshot.emptyDirectories()) {
            files.add(ModelFile.directory(snapshot.relative(empty.path()), empty.modified(), empty.mode()));
        }
        Future<Void> done = Future.succeededFuture();
        for (LiveFile file : snapshot.files()) {
            done = done.compose(
                    before -> copy(file, snapshot.relative(file.path())).map(taken -> {
                        files.add(taken);
                        return null;
                    }));
        }
        return done.map(files);
    }

    /** Takes a file that was fetched, which is removed whatever becomes of it. */
    Future<ModelFile> take(FetchedFile fetched, String path, Instant modified) {
        long size = fetched.fingerprint().size();
        Callable<Staged> staging = () -> {
            try (fetched;
                    FileChannel bytes = FileChannel.open(fetched.path(), StandardOpenOption.READ)) {
                return stage(content -> write(bytes, size, content), size, path);
            }
        };
        return worker.executeBlocking(staging, false)
                .compose(staged -> kept(staged, path, size, FETCHED_MODE, modified));
    }

    private record Staged(StagedBlob content, @Nullable StagedBlob copy, Inspection inspection) {}

    private Future<ModelFile> copy(LiveFile file, String path) {
        Filling filling = content -> {
            try (OpenFile open = workspace.open(file)) {
                write(open.channel(), file.size(), content);
                open.recheck();
            }
        };
        return worker.executeBlocking(() -> stage(filling, file.size(), path), false)
                .compose(staged -> kept(staged, path, file.size(), file.mode(), file.modified()));
    }

    private Future<ModelFile> kept(Staged staged, String path, long size, int mode, Instant modified) {
        long crc32 = staged.content().fingerprint().crc32();
        // Both are ended whatever becomes of the other.
        Future<BlobId> content = blobs.keep(staged.content());
        Future<Optional<BlobId>> copy = staged.copy() == null
                ? Future.succeededFuture(Optional.empty())
                : blobs.keep(staged.copy()).map(Optional::of);
        return Future.join(content, copy)
                .map(kept -> new ModelFile(
                        path,
                        size,
                        mode,
                        modified,
                        Optional.of(content.result()),
                        crc32,
                        copy.result(),
                        staged.inspection()));
    }

    /** Writes all bytes of a content. */
    private interface Filling {
        void fill(StagedBlob content) throws IOException;
    }

    /** Worker thread. */
    private Staged stage(Filling filling, long size, String path) throws IOException {
        StagedBlob content = blobs.stage();
        StagedBlob copy = null;
        boolean whole = false;
        try {
            filling.fill(content);
            // From here on it is our own copy that is read: it does not change.
            try (FileChannel own = FileChannel.open(content.path(), StandardOpenOption.READ)) {
                copy = deflated(own, size);
                Inspection inspection = Inspections.of(path, own, size);
                whole = true;
                return new Staged(content, copy, inspection);
            }
        } finally {
            if (!whole) {
                content.cancel();
                if (copy != null) {
                    copy.cancel();
                }
            }
        }
    }

    private static void write(FileChannel channel, long size, StagedBlob staged) throws IOException {
        ByteBuffer piece = ByteBuffer.allocateDirect((int) Math.min(PIECE, Math.max(1, size)));
        for (long at = 0; at < size; ) {
            piece.clear().limit((int) Math.min(piece.capacity(), size - at));
            int read = channel.read(piece, at);
            if (read < 0) {
                throw new ContentChanged("ended at byte " + at + " of " + size);
            }
            at += read;
            staged.write(piece.flip());
        }
    }

    private @Nullable StagedBlob deflated(FileChannel content, long size) throws IOException {
        if (size < SMALLEST_DEFLATED || !Compressibility.of(content, size)) {
            return null;
        }
        StagedBlob copy = blobs.stage();
        boolean whole = false;
        try {
            Optional<Deflated> deflated = deflater.deflate(content, size, copy::write, reached -> {});
            whole = deflated.isPresent();
            return whole ? copy : null;
        } finally {
            if (!whole) {
                copy.cancel();
            }
        }
    }

    /** The digest of the archive, computed this once. */
    Future<Taken> whole(List<ModelFile> files) {
        Representation zip = plans.archive(published(files), ArchiveFormat.ZIP, EVERYTHING, "", "");
        return worker.executeBlocking(() -> ArchiveDigest.sha256(zip), false)
                .map(sha256 -> new Taken(
                        List.copyOf(files),
                        new Model.ArchiveDigest(zip.tag().opaque(), zip.layout().length(), sha256)));
    }

    static List<PublishedFile> published(List<ModelFile> files) {
        return files.stream()
                .map(file -> new PublishedFile(
                        file.path(), file.modified(), file.mode(), file.content(), file.crc32(), file.copy()))
                .toList();
    }
}
