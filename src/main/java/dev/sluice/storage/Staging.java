package dev.sluice.storage;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** {@code {root}/.staging}, on the same file system as what it becomes, so that a rename publishes in one step. */
public final class Staging {
    private static final int ATTEMPTS = 8;

    private final Path directory;

    public Staging(Path root) throws IOException {
        this.directory = Files.createDirectories(root.resolve(".staging"));
    }

    /** Sends a whole file to where its blob belongs. */
    @FunctionalInterface
    public interface Destination {
        void put(BlobId id, Path file) throws IOException;
    }

    /** Begins a blob whose bytes leave this file system when it is committed; its file is removed then. */
    public StagedBlob blob(Destination destination) throws IOException {
        return new StagedBlob(create(new ContentHasher()), file -> {
            file.requireWhole();
            BlobId id = BlobId.of(file.hasher().finish());
            destination.put(id, file.path());
            file.discard();
            return id;
        });
    }

    StagedFile create(ContentHasher hasher) throws IOException {
        return StagedFile.create(directory, hasher);
    }

    /**
     * Renames a synced file over {@code root/parents…/name}, creating directories, and makes each new name durable. Tried again when
     * a directory on the way was replaced by a twin: who creates the same one at the same time does that.
     *
     * @param guard sees what is about to be replaced, each time this is tried, and may throw
     * @return what has that name now
     * @throws ContentChanged when nothing has
     */
    FileStat publish(StagedFile file, Path root, List<Path> parents, Path name, Consumer<Optional<FileStat>> guard)
            throws IOException {
        try (SecureDirectory staged = SecureDirectory.open(directory)) {
            for (int attempt = 1; ; attempt++) {
                try (SecureDirectory parent = create(SecureDirectory.open(root), parents, staged)) {
                    return rename(file, staged, parent, name, guard);
                } catch (NoSuchFileException replaced) {
                    if (attempt == ATTEMPTS) {
                        throw replaced;
                    }
                }
            }
        } catch (IOException failure) {
            throw StorageFull.orCause(failure, directory);
        }
    }

    private static FileStat rename(
            StagedFile file,
            SecureDirectory staged,
            SecureDirectory parent,
            Path name,
            Consumer<Optional<FileStat>> guard)
            throws IOException {
        Optional<FileStat> there = parent.stat(name);
        if (there.filter(stat -> stat.kind() == FileStat.Kind.DIRECTORY).isPresent()) {
            throw new PathConflict(name + " is a directory");
        }
        guard.accept(there);
        staged.move(file.name(), parent, name);
        parent.sync();
        return parent.stat(name).orElseThrow(() -> new ContentChanged(name + " was removed at once"));
    }

    /** The directory that {@code names} lead to from {@code start}, which is closed in every case. */
    private SecureDirectory create(SecureDirectory start, List<Path> names, SecureDirectory staged) throws IOException {
        SecureDirectory current = start;
        for (Path name : names) {
            try (SecureDirectory parent = current) {
                current = enterOrCreate(parent, name, staged);
            }
        }
        return current;
    }

    private SecureDirectory enterOrCreate(SecureDirectory parent, Path name, SecureDirectory staged)
            throws IOException {
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            Optional<SecureDirectory> child = parent.enter(name);
            if (child.isPresent()) {
                return child.get();
            }
            if (parent.stat(name)
                    .filter(stat -> stat.kind() != FileStat.Kind.DIRECTORY)
                    .isPresent()) {
                throw new PathConflict(name + " is not a directory");
            }
            try {
                create(parent, name, staged);
            } catch (FileSystemException taken) {
                // By a twin that is not empty any more, which serves as well, or by what is then found to be in the
                // way.
                if (attempt == ATTEMPTS) {
                    throw taken;
                }
            }
        }
        throw new PathConflict(name + " does not stay a directory");
    }

    /** The JDK has no {@code mkdirat}: made in staging and moved, a directory cannot appear behind a link that was swapped in. */
    private void create(SecureDirectory parent, Path name, SecureDirectory staged) throws IOException {
        Path fresh = Files.createDirectory(directory.resolve(StagedFile.randomName()));
        try {
            staged.move(fresh.getFileName(), parent, name);
        } catch (IOException failure) {
            Files.deleteIfExists(fresh);
            throw failure;
        }
        parent.sync();
    }

    /** Removes what was last written before. */
    public void collect(Instant before) throws IOException {
        try (SecureDirectory staged = SecureDirectory.open(directory)) {
            for (Path name : staged.names()) {
                if (staged.stat(name)
                        .filter(stat -> stat.modified().isBefore(before))
                        .isPresent()) {
                    Files.deleteIfExists(directory.resolve(name));
                }
            }
        }
    }
}
