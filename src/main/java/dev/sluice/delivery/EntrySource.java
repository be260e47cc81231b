package dev.sluice.delivery;

import dev.sluice.storage.BlobRead;
import io.vertx.core.Future;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/** Where the bytes of a layout's entries come from, by the entry's index in the layout. */
public interface EntrySource {
    /**
     * Opens the bytes that the layout's regions of this entry speak of. Worker thread.
     *
     * @throws IOException when the entry is gone or is no longer what the plan saw
     */
    OpenEntry open(int entry) throws IOException;

    /** How an entry is read that is no file of this machine; {@link #open} is for all others. Any thread. */
    default Optional<Remote> remote(int entry) {
        return Optional.empty();
    }

    /**
     * Where a client gets all bytes of the one entry by itself, for a short time; empty where it must not. Event loop.
     *
     * @param filename what the client should save it as
     */
    default Optional<URI> elsewhere(String filename, String mediaType) {
        return Optional.empty();
    }

    /** Begins to read bytes of one entry. Event loop. */
    @FunctionalInterface
    interface Remote {
        BlobRead read(long from, long until);
    }

    /** Begins to open entries one after the other. Worker thread, and only that one. */
    default Row row() {
        return new Row() {
            @Override
            public OpenEntry open(int entry) throws IOException {
                return EntrySource.this.open(entry);
            }

            @Override
            public void close() {}
        };
    }

    /** May keep open what one entry shares with the next. Closed after what it opened. */
    interface Row extends AutoCloseable {
        /** As {@link EntrySource#open}. */
        OpenEntry open(int entry) throws IOException;

        @Override
        void close() throws IOException;
    }

    /**
     * The CRC-32 values of these entries' uncompressed bytes, computed now where they are not known yet. Event loop.
     *
     * @param first first entry, inclusive
     * @param last last entry, inclusive
     * @return a look-up by entry index, good for the entries asked for
     */
    Future<IntUnaryOperator> checksums(int first, int last);

    /** Grows while checksums are computed, for whomever: who waits for one may be waiting behind others. */
    default long computed() {
        return 0;
    }

    /** The disk has failed to give the bytes of this entry, or of one near it. Event loop. */
    default void suspect(int entry) {}
}
