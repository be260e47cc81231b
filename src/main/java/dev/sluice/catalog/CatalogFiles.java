package dev.sluice.catalog;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.READ;

import dev.sluice.ingest.FetchedFile;
import dev.sluice.storage.Checksum;
import dev.sluice.storage.Progress;
import java.io.IOException;
import java.nio.channels.FileChannel;
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

/** Downloaded files by their SHA-256, in one directory that replicas share. Every method blocks: worker threads. */
public final class CatalogFiles {
    private final Path directory;

    /** @param directory created where it is missing; on the file system of unfinished files */
    public CatalogFiles(Path directory) throws IOException {
        this.directory = Files.createDirectories(directory);
    }

    /** Durable when it returns; again with the same bytes is as good. */
    void keep(FetchedFile file) throws IOException {
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

    /** What is wrong with it, in words for people; empty when every byte is right. Reads all of it. */
    Optional<String> fault(CatalogDownload.KeptFile file) throws IOException {
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

    void delete(String sha256) throws IOException {
        Files.deleteIfExists(path(sha256));
    }

    /** Removes what no row speaks of and was there before {@code before}: its row may be on the way. */
    void collect(Set<String> referenced, Instant before) throws IOException {
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

    private Path path(String sha256) {
        return directory.resolve(sha256);
    }
}
