package dev.sluice.delivery;

import dev.sluice.archive.ArchiveLayout;
import dev.sluice.archive.Entry;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The formats in which a directory can be taken. */
public enum ArchiveFormat {
    ZIP("application/zip"),
    TAR("application/x-tar");

    private final String mediaType;

    ArchiveFormat(String mediaType) {
        this.mediaType = mediaType;
    }

    /** The value of {@code ?format=}; empty for any other. */
    public static Optional<ArchiveFormat> parse(String name) {
        return switch (name) {
            case "zip" -> Optional.of(ZIP);
            case "tar" -> Optional.of(TAR);
            default -> Optional.empty();
        };
    }

    public String mediaType() {
        return mediaType;
    }

    /** The extension without a dot. */
    public String extension() {
        return name().toLowerCase(Locale.ROOT);
    }

    ArchiveLayout layout(List<Entry> entries) {
        return switch (this) {
            case ZIP -> ArchiveLayout.zip(entries);
            case TAR -> ArchiveLayout.tar(entries);
        };
    }
}
