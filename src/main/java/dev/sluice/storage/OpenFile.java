package dev.sluice.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.Optional;

/**
 * An open regular file whose first {@code file().size()} bytes are those that were planned. Others may have the channel too: it is
 * closed with the last of them.
 */
public final class OpenFile implements AutoCloseable {
    /** Finds what the file's name leads to now. */
    @FunctionalInterface
    interface Lookup {
        Optional<FileIdentity> now() throws IOException;
    }

    private final LiveFile file;
    private final SharedChannel share;
    private final Lookup lookup;
    private FileIdentity seen;

    OpenFile(LiveFile file, SharedChannel share, Lookup lookup, FileIdentity seen) {
        this.file = file;
        this.share = share;
        this.lookup = lookup;
        this.seen = seen;
    }

    public LiveFile file() {
        return file;
    }

    /** For reading by position; any thread. */
    public FileChannel channel() {
        return share.channel();
    }

    /**
     * Shows that what was read since the file was opened may be sent as complete: the name still leads to the same inode, and that
     * did nothing but grow since ({@link FileIdentity#continues}). Worker thread, one at a time.
     *
     * @throws ContentChanged also when the name is gone or taken by another file: the bytes of the old one can then still be
     *     written by who holds it open, and nothing would tell
     */
    public void recheck() throws IOException {
        if (channel().size() < file.size()) {
            throw new ContentChanged(file.path() + " was truncated while it was read");
        }
        FileIdentity now =
                lookup.now().orElseThrow(() -> new ContentChanged(file.path() + " was removed while it was read"));
        if (!now.continues(seen)) {
            throw new ContentChanged(file.path() + " was rewritten while it was read");
        }
        seen = now;
    }

    @Override
    public void close() throws IOException {
        share.close();
    }
}
