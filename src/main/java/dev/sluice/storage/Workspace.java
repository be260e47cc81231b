package dev.sluice.storage;

import dev.sluice.archive.EntryName;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The live directories of training jobs, {@code {root}/{job}/…}, which trainers may also write directly. Only regular files are
 * found, with one link or several; symbolic links are never followed at any part of a path below the root, and special files never
 * opened. A path that no file could have, such as one with {@code ..} in it, is a path where nothing is.
 *
 * <p>Every method blocks: worker threads only, any number of them. An {@link java.nio.file.AccessDeniedException} says that the
 * server may not read something it found.
 */
public final class Workspace {
    /** Directories one in the other, the job's own with them. */
    public static final int MAX_LEVELS = TreeWalk.MAX_DEPTH;

    private static final int MAX_ENTRIES = 200_000;
    /** Linux' limit of a path's bytes, without the final NUL. */
    private static final int PATH_MAX = 4095;
    /** To open a name that somebody swaps to and fro. */
    private static final int MAX_ATTEMPTS = 4;

    private final Path root;
    private final Staging staging;
    private final int maxEntries;
    private final Clock clock;
    private final SharedChannels<JobPath> channels = new SharedChannels<>();

    /** Creates {@code root} where it is missing; links in it are resolved now, once. */
    public Workspace(Path root) throws IOException {
        this(root, MAX_ENTRIES, Clock.systemUTC());
    }

    Workspace(Path root, int maxEntries, Clock clock) throws IOException {
        Files.createDirectories(root);
        this.root = root.toRealPath();
        this.staging = new Staging(this.root);
        this.maxEntries = maxEntries;
        this.clock = clock;
    }

    /**
     * What a subtree such as {@code model} or {@code model/checkpoint-500}, or with {@code ""} the whole, holds now; empty when that
     * directory is not there. What vanishes during the walk is left out, as are links and special files.
     *
     * @throws TooManyEntries over 200,000 entries, or 64 levels
     * @throws UnrepresentableName when a file's name cannot be read in the process's character set
     */
    public Optional<Snapshot> walk(String jobId, String subtree) throws IOException {
        Optional<JobPath> path = path(jobId, subtree);
        if (path.isEmpty()) {
            return Optional.empty();
        }
        Optional<SecureDirectory> found = descend(path.get().names());
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (SecureDirectory directory = found.get()) {
            return Optional.of(new TreeWalk(jobId, maxEntries).of(directory, subtree));
        }
    }

    /** The regular file at that path, or empty. */
    public Optional<LiveFile> find(String jobId, EntryName path) throws IOException {
        return find(jobId, path.value());
    }

    /**
     * Opens a file that was found before, if its bytes may still be taken for the same. All who have it open in the same state
     * share one descriptor, once the state is two seconds old.
     *
     * @throws ContentChanged when it is gone, replaced, shorter or rewritten ({@link FileIdentity#continues})
     */
    public OpenFile open(LiveFile file) throws IOException {
        JobPath path = path(file.jobId(), file.path()).orElseThrow(() -> gone(file));
        try (SecureDirectory parent = descend(path.parents()).orElseThrow(() -> gone(file))) {
            return open(
                    file, path, parent, () -> find(file.jobId(), file.path()).map(LiveFile::identity));
        }
    }

    /** Begins to open files one after the other. */
    public Row row() {
        return new Row();
    }

    /**
     * Opens files one after the other and keeps the directory of the last one open for the next, because the way down to
     * a file costs more than a small file does. One thread's; what it opened is closed before it is.
     */
    public final class Row implements AutoCloseable {
        private String jobId = "";
        private List<Path> parents = List.of();
        private @Nullable SecureDirectory parent;

        private Row() {}

        /** As {@link Workspace#open}. */
        public OpenFile open(LiveFile file) throws IOException {
            JobPath path = path(file.jobId(), file.path()).orElseThrow(() -> gone(file));
            SecureDirectory directory = parentOf(file, path);
            return Workspace.this.open(file, path, directory, () -> identity(directory, path.last()));
        }

        private SecureDirectory parentOf(LiveFile file, JobPath path) throws IOException {
            SecureDirectory kept = parent;
            if (kept != null && jobId.equals(path.jobId()) && parents.equals(path.parents())) {
                return kept;
            }
            close();
            SecureDirectory found = descend(path.parents()).orElseThrow(() -> gone(file));
            jobId = path.jobId();
            parents = path.parents();
            parent = found;
            return found;
        }

        @Override
        public void close() throws IOException {
            SecureDirectory kept = parent;
            parent = null;
            if (kept != null) {
                kept.close();
            }
        }
    }

    private OpenFile open(LiveFile file, JobPath path, SecureDirectory parent, OpenFile.Lookup lookup)
            throws IOException {
        FileIdentity before = requireContinued(file, parent, path, file.identity());
        FileChannel channel = channel(file, parent, path);
        try {
            // The channel has no identity of its own: that the name leads to the same inode before and after shows it.
            FileIdentity after = requireContinued(file, parent, path, before);
            if (channel.size() < file.size()) {
                throw new ContentChanged(file.path() + " was replaced while it was opened");
            }
            return new OpenFile(file, share(path, after, channel), lookup, after);
        } catch (IOException | RuntimeException failure) {
            channel.close();
            throw failure;
        }
    }

    /** A file that was just changed may have been swapped for another and back without a trace: nobody else relies on what we opened. */
    private SharedChannel share(JobPath path, FileIdentity state, FileChannel channel) throws IOException {
        return state.isYoung(clock.instant()) ? SharedChannel.alone(channel) : channels.share(path, state, channel);
    }

    /** Begins an upload, hashed by CRC-32 and SHA-256. */
    public StagedUpload stage(String jobId, EntryName path) throws IOException {
        return stage(jobId, path, new ContentHasher());
    }

    /**
     * Begins an upload; the file is replaced, or appears, at {@link StagedUpload#commit}.
     *
     * @throws PathConflict when no file can have that path
     * @throws StorageFull when the disk is full
     */
    public StagedUpload stage(String jobId, EntryName path, ContentHasher hasher) throws IOException {
        JobPath target = path(jobId, path.value())
                .orElseThrow(() -> new PathConflict("no file can have the path " + path.value()));
        return new StagedUpload(this, target, staging.create(hasher));
    }

    /** Removes what uploads left behind that ended with their process. At start; longer than any upload may pause. */
    public void collectStaged(Duration olderThan) throws IOException {
        staging.collect(Instant.now().minus(olderThan));
    }

    LiveFile publish(StagedFile file, JobPath target, StagedUpload.Guard guard) throws IOException {
        file.sync();
        long inode = file.inode();
        FileStat published = staging.publish(
                file,
                root,
                target.parents(),
                target.last(),
                there -> guard.check(there.filter(stat -> stat.kind() == FileStat.Kind.FILE)
                        .map(stat -> stat.file(target.jobId(), target.path()))));
        file.close();
        if (published.identity().inode() != inode) {
            throw new ContentChanged(target.path() + " was taken by another writer at once");
        }
        return published.file(target.jobId(), target.path());
    }

    private Optional<LiveFile> find(String jobId, String text) throws IOException {
        Optional<JobPath> path = path(jobId, text);
        if (path.isEmpty()) {
            return Optional.empty();
        }
        Optional<SecureDirectory> found = descend(path.get().parents());
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (SecureDirectory parent = found.get()) {
            return parent.stat(path.get().last())
                    .filter(stat -> stat.kind() == FileStat.Kind.FILE)
                    .map(stat -> stat.file(jobId, text));
        }
    }

    private Optional<JobPath> path(String jobId, String text) {
        return JobPath.of(jobId, text).filter(this::fits);
    }

    private boolean fits(JobPath path) {
        String whole = root + "/" + path.jobId() + "/" + path.path();
        return whole.getBytes(StandardCharsets.UTF_8).length <= PATH_MAX;
    }

    private Optional<SecureDirectory> descend(List<Path> names) throws IOException {
        return SecureDirectory.descend(SecureDirectory.open(root), names);
    }

    private static FileIdentity requireContinued(
            LiveFile file, SecureDirectory parent, JobPath path, FileIdentity earlier) throws IOException {
        return identity(parent, path.last())
                .filter(now -> now.continues(earlier))
                .orElseThrow(() -> gone(file));
    }

    private static Optional<FileIdentity> identity(SecureDirectory parent, Path name) throws IOException {
        return parent.stat(name)
                .filter(stat -> stat.kind() == FileStat.Kind.FILE)
                .map(FileStat::identity);
    }

    private static FileChannel channel(LiveFile file, SecureDirectory parent, JobPath path) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                return parent.read(path.last());
            } catch (NoSuchFileException removed) {
                throw gone(file);
            } catch (IOException failure) {
                // Swapped for a link since it was looked at, or the disk's own failure: that one comes again.
                if (parent.stat(path.last())
                        .filter(stat -> stat.kind() == FileStat.Kind.FILE)
                        .isEmpty()) {
                    throw gone(file);
                }
                if (attempt == MAX_ATTEMPTS) {
                    throw failure;
                }
            }
        }
    }

    private static ContentChanged gone(LiveFile file) {
        return new ContentChanged(file.path() + " is no longer the file that was found");
    }
}
