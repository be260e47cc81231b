package dev.sluice.ingest;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import dev.sluice.storage.Fingerprint;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file that was fetched whole, with the length and digest that were asked for, durable under a temporary name. It belongs to who
 * asked: {@link #close} removes it unless it was moved. Every method but the getters blocks: worker threads.
 */
public final class FetchedFile implements AutoCloseable {
    private final Partial partial;
    private final Fingerprint fingerprint;
    private boolean ended;

    FetchedFile(Partial partial, Fingerprint fingerprint) {
        this.partial = partial;
        this.fingerprint = fingerprint;
    }

    /** Where it is until it is moved or closed. */
    public Path path() {
        return partial.file();
    }

    /** Of every byte that is in the file. */
    public Fingerprint fingerprint() {
        return fingerprint;
    }

    /** Gives the file another name on the same file system, in one step, and makes that name durable. */
    public void moveTo(Path target) throws IOException {
        if (ended) {
            throw new IllegalStateException("already moved or closed");
        }
        Files.move(partial.file(), target, ATOMIC_MOVE, REPLACE_EXISTING);
        ended = true;
        try (FileChannel directory = FileChannel.open(target.toAbsolutePath().getParent())) {
            directory.force(true);
        } finally {
            partial.handOver();
        }
    }

    @Override
    public void close() throws IOException {
        if (!ended) {
            ended = true;
            partial.discard();
        }
    }
}
