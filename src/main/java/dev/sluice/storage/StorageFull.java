package dev.sluice.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** No space is left, or the file system's quota is used up. Retry later; reading goes on. */
public final class StorageFull extends StorageFailure {
    private static final long serialVersionUID = 1L;

    /** Below this many usable bytes a failed write is put down to a full disk, whatever the text says. */
    private static final long NOTHING_LEFT = 64 * 1024;

    private StorageFull(Throwable cause) {
        super("no space left", cause);
    }

    /**
     * The failure of a write near {@code path}, told apart: a {@link StorageFull} when the disk is full, else the failure itself.
     * The JDK keeps no error number, and its text follows the process's locale, so the space left is looked at too. Worker thread.
     */
    public static IOException orCause(IOException failure, Path path) {
        if (failure instanceof StorageFailure) {
            return failure;
        }
        boolean said = Stream.iterate((Throwable) failure, cause -> cause != null, Throwable::getCause)
                .map(Throwable::getMessage)
                .anyMatch(StorageFull::saysFull);
        return said || nothingLeft(path) ? new StorageFull(failure) : failure;
    }

    private static boolean saysFull(@Nullable String message) {
        return message != null
                && (message.contains("No space left on device") || message.contains("Disk quota exceeded"));
    }

    private static boolean nothingLeft(Path path) {
        try {
            return Files.getFileStore(path).getUsableSpace() < NOTHING_LEFT;
        } catch (IOException unknown) {
            return false;
        }
    }
}
