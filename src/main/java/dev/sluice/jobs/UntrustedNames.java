package dev.sluice.jobs;

import dev.sluice.archive.EntryName;
import dev.sluice.archive.InvalidEntryName;
import java.util.Optional;

/** Names out of URLs, made values or nothing. */
public final class UntrustedNames {
    private UntrustedNames() {}

    public static Optional<EntryName> path(String untrusted) {
        try {
            return Optional.of(EntryName.parse(untrusted));
        } catch (InvalidEntryName invalid) {
            return Optional.empty();
        }
    }

    /** A name that stands alone. */
    public static Optional<EntryName> segment(String untrusted) {
        return path(untrusted).filter(name -> name.value().indexOf('/') < 0);
    }

    public static String last(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
