package dev.sluice.storage;

import io.netty.buffer.ByteBuf;
import io.vertx.core.Future;

/** Bytes of a blob on their way here, in order. Any thread; results come on the event loop where the reading began. */
public interface BlobRead {
    /** Completes when the store has begun to give the bytes; fails as {@link #next} does. */
    Future<Void> opened();

    /**
     * The next bytes, exactly so many, in a buffer that the caller releases. One at a time, and no more in all than were asked
     * for. Fails with {@link BlobMissing}, with {@link ContentChanged} when the bytes are not, or no longer, those of the blob, and
     * with {@link StoreUnavailable} when the store could not give them after several tries.
     */
    Future<ByteBuf> next(int length);

    /** Gives back what this holds; a {@link #next} under way fails. Again, nothing happens. */
    void close();
}
