package dev.sluice.ingest;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.sluice.storage.StorageFull;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** What stands beside a partial file, so that a later process can go on with it. Every method blocks: worker threads. */
final class PartialRecord {
    private final Path path;

    private PartialRecord(Path path) {
        this.path = path;
    }

    static PartialRecord beside(Path file) {
        return new PartialRecord(file.resolveSibling(file.getFileName() + ".json"));
    }

    Path path() {
        return path;
    }

    /** Empty when there is none, or one that the disk lost half of: that promises nothing. */
    Optional<Origin.Checkpoint> read() throws IOException {
        try {
            return Optional.of(Origin.read(new JsonObject(Files.readString(path))));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (RuntimeException notOurs) {
            return Optional.empty();
        }
    }

    /** In place of what was there; the bytes that it counts are durable already. */
    void write(Origin.Checkpoint checkpoint) throws IOException {
        Path fresh = path.resolveSibling(path.getFileName() + ".new");
        try {
            try (FileChannel record = FileChannel.open(fresh, CREATE, WRITE, TRUNCATE_EXISTING)) {
                ByteBuffer json = ByteBuffer.wrap(checkpoint.toJson().toBuffer().getBytes());
                while (json.hasRemaining()) {
                    record.write(json);
                }
                record.force(false);
            }
            Files.move(fresh, path, ATOMIC_MOVE);
        } catch (IOException failure) {
            Files.deleteIfExists(fresh);
            throw StorageFull.orCause(failure, path);
        }
    }

    boolean exists() {
        return Files.exists(path);
    }

    void delete() throws IOException {
        Files.deleteIfExists(path);
    }
}
