package dev.sluice.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file on its way into a job's workspace; readers see nothing of it before {@link #commit}. Its bytes are written either by
 * {@link #write}, or by the caller's own means at {@link #path()} and shown to {@link #update}, in order. Ends by exactly one of
 * commit and cancel; {@link #close} cancels what was not committed. One thread at a time.
 */
public final class StagedUpload implements AutoCloseable {
    /** Looks at what a commit is about to replace; what it throws ends the commit. */
    @FunctionalInterface
    public interface Guard {
        /** Returns when the commit may go on; with the regular file in the upload's place, if there is one. */
        void check(Optional<LiveFile> current);
    }

    private final Workspace workspace;
    private final JobPath target;
    private final StagedFile file;
    private boolean ended;

    StagedUpload(Workspace workspace, JobPath target, StagedFile file) {
        this.workspace = workspace;
        this.target = target;
        this.file = file;
    }

    /** The staged file, which exists and is empty at first; to be opened for writing, not created. */
    public Path path() {
        return file.path();
    }

    /** Writes and hashes. Worker thread. */
    public void write(ByteBuffer bytes) throws IOException {
        file.write(bytes);
    }

    /** Hashes bytes that the caller writes; leaves the buffer as it was. Does not block: event loop or worker. */
    public void update(ByteBuffer bytes) {
        file.hasher().update(bytes);
    }

    /** Bytes hashed so far. */
    public long size() {
        return file.hasher().size();
    }

    /** Of all bytes; none can follow. To be compared with what the sender promised, before committing. */
    public Fingerprint fingerprint() {
        return file.hasher().finish();
    }

    /** Whatever is in its place, as {@link #commit(Guard)}. */
    public LiveFile commit() throws IOException {
        return commit(current -> {});
    }

    /**
     * Makes the bytes durable, then visible under their path in one step: fsync, directories, rename, fsync of the directory. The
     * caller's own writes must have ended. On any failure nothing is staged any more and nothing half is visible; when only the
     * last fsync failed, the new file is visible but may not outlive a crash. Worker thread.
     *
     * @param guard asked between the fsync, which may take long, and the rename, with what had to be looked at anyway. No lock: who
     *     renames between that look and our rename is not seen. The JDK has no rename that replaces nothing
     *     ({@code RENAME_NOREPLACE}) and no {@code linkat} that could close this gap
     * @return the file as it is now; its identity is of these very bytes
     * @throws PathConflict when the path names a directory or leads through something that is not one
     * @throws StorageFull when the disk is full
     * @throws ContentChanged when the staged bytes are not as many as were hashed, or when another writer took the path at once
     */
    public LiveFile commit(Guard guard) throws IOException {
        if (ended) {
            throw new IllegalStateException("already committed or cancelled");
        }
        ended = true;
        return file.orDiscard(() -> workspace.publish(file, target, guard));
    }

    /** Forgets the bytes. Again, or after a commit: nothing happens. Worker thread. */
    public void cancel() throws IOException {
        if (!ended) {
            ended = true;
            file.discard();
        }
    }

    @Override
    public void close() throws IOException {
        cancel();
    }
}
