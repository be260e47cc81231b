package dev.sluice.ingest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/** The room that is left on the disk of the unfinished files. Worker thread. */
final class Space {
    private final Path directory;
    private final FetchLimits limits;
    private final Surroundings.FreeSpace free;
    private final AtomicLong unchecked = new AtomicLong();

    Space(Path directory, FetchLimits limits, Surroundings.FreeSpace free) {
        this.directory = directory;
        this.limits = limits;
        this.free = free;
    }

    boolean has(long bytes) throws IOException {
        return free.at(directory) - limits.reserve() >= bytes;
    }

    /** @throws FetchFailed when so many bytes more do not fit */
    void require(long bytes) throws IOException, FetchFailed {
        if (!has(bytes)) {
            throw new FetchFailed(FetchFailed.Reason.NO_SPACE, "There is no space left for the file");
        }
    }

    /** Looks again from time to time: others fill the disk too. */
    void wrote(long bytes) throws IOException, FetchFailed {
        if (unchecked.addAndGet(bytes) >= limits.checkpoint()) {
            unchecked.set(0);
            require(0);
        }
    }
}
