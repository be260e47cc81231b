package dev.sluice.storage;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.READ;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/**
 * Blobs as read-only files {@code {root}/blobs/ab/cd/abcd…}. A directory of the server's own: who can write there is trusted. Who
 * reads a blob that is deleted goes on.
 */
public final class LocalBlobStore implements BlobStore {
    private final Path root;
    private final Staging staging;
    private final SharedChannels<BlobId> channels = new SharedChannels<>();

    /** Creates {@code root} where it is missing. */
    public LocalBlobStore(Path root) throws IOException {
        Files.createDirectories(root);
        this.root = root.toRealPath();
        this.staging = new Staging(this.root);
        Files.createDirectories(this.root.resolve("blobs"));
    }

    @Override
    public StagedBlob stage() throws IOException {
        return new StagedBlob(staging.create(new ContentHasher()), this::publish);
    }

    @Override
    public FileChannel open(BlobId id) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(path(id), READ, NOFOLLOW_LINKS);
        } catch (NoSuchFileException missing) {
            throw new BlobMissing(id);
        }
        try {
            requireSize(id, channel.size());
            return channel;
        } catch (IOException | RuntimeException failure) {
            channel.close();
            throw failure;
        }
    }

    /**
     * Opens a blob for reading by position. All who have it open in this way share one descriptor, until the file is replaced:
     * what took the place of a bad one is read itself.
     *
     * @throws BlobMissing when it is not there, though others may still read it
     * @throws ContentChanged as {@link #open}
     */
    public SharedChannel share(BlobId id) throws IOException {
        FileIdentity before = identity(id);
        FileChannel channel = open(id);
        try {
            FileIdentity after = identity(id);
            return after.equals(before) ? channels.share(id, after, channel) : SharedChannel.alone(channel);
        } catch (IOException | RuntimeException failure) {
            channel.close();
            throw failure;
        }
    }

    @Override
    public boolean exists(BlobId id) throws IOException {
        try {
            return Files.readAttributes(path(id), BasicFileAttributes.class, NOFOLLOW_LINKS)
                            .size()
                    == id.size();
        } catch (NoSuchFileException missing) {
            return false;
        }
    }

    @Override
    public boolean delete(BlobId id) throws IOException {
        return Files.deleteIfExists(path(id));
    }

    @Override
    public boolean quarantine(BlobId id) throws IOException {
        Path aside = Files.createDirectories(root.resolve("quarantine"));
        try {
            Files.move(path(id), aside.resolve(id.sha256()), StandardCopyOption.REPLACE_EXISTING);
        } catch (NoSuchFileException missing) {
            return false;
        }
        return true;
    }

    @Override
    public void list(Consumer<StoredBlob> seen) throws IOException {
        Files.walkFileTree(root.resolve("blobs"), new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                String name = file.getFileName().toString();
                if (attributes.isRegularFile() && BlobId.isSha256(name)) {
                    Instant stored = attributes.lastModifiedTime().toInstant();
                    seen.accept(new StoredBlob(new BlobId(name, attributes.size()), stored));
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }
        });
    }

    @Override
    public void collectStaged(Duration olderThan) throws IOException {
        staging.collect(Instant.now().minus(olderThan));
    }

    /** Also when the content is there already: its directory is synced again, for the other writer may not have come to that. */
    private BlobId publish(StagedFile file) throws IOException {
        BlobId id = BlobId.of(file.hasher().finish());
        if (exists(id)) {
            try (SecureDirectory directory = SecureDirectory.open(directory(id))) {
                directory.sync();
            }
            file.discard();
            return id;
        }
        Files.setPosixFilePermissions(file.path(), PosixFilePermissions.fromString("r--r--r--"));
        file.sync();
        staging.publish(file, root, parents(id), Path.of(id.sha256()), there -> {});
        file.close();
        return id;
    }

    private FileIdentity identity(BlobId id) throws IOException {
        try {
            return FileStat.of(Files.readAttributes(path(id), FileStat.ATTRIBUTES, NOFOLLOW_LINKS))
                    .identity();
        } catch (NoSuchFileException missing) {
            throw new BlobMissing(id);
        }
    }

    private Path path(BlobId id) {
        return directory(id).resolve(id.sha256());
    }

    private Path directory(BlobId id) {
        return parents(id).stream().reduce(root, Path::resolve);
    }

    private static List<Path> parents(BlobId id) {
        return List.of(
                Path.of("blobs"),
                Path.of(id.sha256().substring(0, 2)),
                Path.of(id.sha256().substring(2, 4)));
    }

    private static void requireSize(BlobId id, long size) throws ContentChanged {
        if (size != id.size()) {
            throw new ContentChanged("blob " + id.sha256() + " has " + size + " bytes and not " + id.size());
        }
    }
}
