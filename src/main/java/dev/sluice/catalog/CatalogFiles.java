package dev.sluice.catalog;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.READ;

import dev.sluice.delivery.EntrySource;
import dev.sluice.ingest.FetchedFile;
import dev.sluice.storage.BlobId;
import dev.sluice.storage.BlobMissing;
import dev.sluice.storage.Checksum;
import dev.sluice.storage.ContentChanged;
import dev.sluice.storage.Progress;
import dev.sluice.storage.RemoteBlobStore;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Downloaded files by their SHA-256, in one directory that replicas share, or in a store elsewhere. Every method but
 * {@link #remote} blocks: worker threads.
 */
public final class CatalogFiles {
    private final Path directory;
    private final Optional<RemoteBlobStore> store;

    /** @param directory created where it is missing; on the file system of unfinished files */
    public CatalogFiles(Path directory) throws IOException {
        this(directory, Optional.empty());
    }

    /** @param store of these files alone; where there is one, the directory is not used */
    public CatalogFiles(Path directory, Optional<RemoteBlobStore> store) throws IOException {
        this.directory = Files.createDirectories(directory);
        this.store = store;
    }

    /** Durable when it returns; again with the same bytes is as good. */
    void keep(FetchedFile file) throws IOException {
        if (store.isPresent()) {
            store.get().put(BlobId.of(file.fingerprint()), file.path());
            return;
        }
        Files.setPosixFilePermissions(file.path(), PosixFilePermissions.fromString("r--r--r--"));
        file.moveTo(path(file.fingerprint().sha256()));
    }

    /** @throws IOException also when it has another size, so that it cannot be what its name says */
    FileChannel open(CatalogDownload.KeptFile file) throws IOException {
        FileChannel channel = FileChannel.open(path(file.sha256()), READ, NOFOLLOW_LINKS);
        if (channel.size() != file.size()) {
            channel.close();
            throw new IOException("catalog file " + file.sha256() + " has another size than " + file.size());
        }
        return channel;
    }

    /** How it is read where it lies elsewhere; {@link #open} is for files. Any thread. */
    Optional<EntrySource.Remote> remote(CatalogDownload.KeptFile file) {
        return store.map(elsewhere -> (from, until) -> elsewhere.read(blob(file), from, until));
    }

    private static BlobId blob(CatalogDownload.KeptFile file) {
        return new BlobId(file.sha256(), file.size());
    }

    /** What is wrong with it, in words for people; empty when every byte is right. Reads all of it. */
    Optional<String> fault(CatalogDownload.KeptFile file) throws IOException {
        if (store.isPresent()) {
            return fault(store.get(), blob(file));
        }
        try (FileChannel channel = FileChannel.open(path(file.sha256()), READ, NOFOLLOW_LINKS)) {
            if (channel.size() != file.size()) {
                return Optional.of("The file has " + channel.size() + " bytes instead of " + file.size());
            }
            String sha256 =
                    Checksum.fingerprint(channel, file.size(), Progress.IGNORED).sha256();
            return sha256.equals(file.sha256())
                    ? Optional.empty()
                    : Optional.of("The file's SHA-256 is not the one with which it was downloaded");
        } catch (NoSuchFileException gone) {
            return Optional.of("The file is missing");
        }
    }

    private static Optional<String> fault(RemoteBlobStore store, BlobId blob) throws IOException {
        try (ReadableByteChannel channel = store.open(blob)) {
            return BlobId.of(Checksum.fingerprintOfNext(channel, blob.size())).equals(blob)
                    ? Optional.empty()
                    : Optional.of("The file's SHA-256 is not the one with which it was downloaded");
        } catch (BlobMissing gone) {
            return Optional.of("The file is missing");
        } catch (ContentChanged resized) {
            return Optional.of("The file has not " + blob.size() + " bytes");
        }
    }

    void delete(String sha256) throws IOException {
        if (store.isPresent()) {
            // Its name is its digest alone.
            store.get().delete(new BlobId(sha256, 0));
            return;
        }
        Files.deleteIfExists(path(sha256));
    }

    /** Removes what no row speaks of and was there before {@code before}: its row may be on the way. */
    void collect(Set<String> referenced, Instant before) throws IOException {
        if (store.isPresent()) {
            collect(store.get(), referenced, before);
            return;
        }
        List<Path> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            files.forEach(found::add);
        }
        for (Path file : found) {
            boolean old = Files.getLastModifiedTime(file).toInstant().isBefore(before);
            if (old && !referenced.contains(file.getFileName().toString())) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static void collect(RemoteBlobStore store, Set<String> referenced, Instant before) throws IOException {
        List<BlobId> left = new ArrayList<>();
        store.list(blob -> {
            if (blob.stored().isBefore(before) && !referenced.contains(blob.id().sha256())) {
                left.add(blob.id());
            }
        });
        for (BlobId blob : left) {
            store.delete(blob);
        }
    }

    private Path path(String sha256) {
        return directory.resolve(sha256);
    }
}
