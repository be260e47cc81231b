package dev.sluice.jobs;

import dev.sluice.archive.EntryName;
import dev.sluice.archive.InvalidEntryName;
import dev.sluice.http.EntityTag;
import dev.sluice.http.PinnedVersion;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Where a job's things are served: paths that begin with {@code /}, percent-encoded (RFC 3986 section 2.1). */
public final class JobUrls {
    private static final String UNRESERVED = "-._~";

    private JobUrls() {}

    static String job(JobId id) {
        return "/api/training/jobs/" + id;
    }

    /** Null when the name cannot be asked for. */
    static @Nullable String checkpoint(JobId id, String name, EntityTag tag) {
        return mayBeAskedFor(name) && !name.contains("..")
                ? "/api/training/" + id + "/download/model?checkpoint=" + encoded(name, "") + "&v=" + version(tag)
                : null;
    }

    /** The file in the state that has this tag; null when the path cannot be asked for. */
    static @Nullable String file(JobId id, String path, EntityTag tag) {
        @Nullable String latest = file(id, path);
        return latest == null ? null : latest + "?v=" + version(tag);
    }

    public static String version(EntityTag tag) {
        return encoded(new PinnedVersion(tag).toString(), "");
    }

    /** Null when the path cannot be asked for. */
    static @Nullable String file(JobId id, String path) {
        return mayBeAskedFor(path) ? "/api/training/" + id + "/files/" + encoded(path, "/") : null;
    }

    public static String encoded(String text, String kept) {
        StringBuilder encoded = new StringBuilder(text.length());
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            if (plain((char) (octet & 0xFF), kept)) {
                encoded.append((char) octet);
            } else {
                encoded.append('%').append(hexDigit(octet >> 4)).append(hexDigit(octet));
            }
        }
        return encoded.toString();
    }

    private static boolean plain(char character, String kept) {
        boolean alphanumeric = character < 0x80 && Character.isLetterOrDigit(character);
        return alphanumeric || UNRESERVED.indexOf(character) >= 0 || kept.indexOf(character) >= 0;
    }

    /** Trainers may write names that no request may contain: control characters, backslashes. */
    public static boolean mayBeAskedFor(String path) {
        try {
            EntryName.parse(path);
            return true;
        } catch (InvalidEntryName unaskable) {
            return false;
        }
    }

    private static char hexDigit(int nibble) {
        return Character.toUpperCase(Character.forDigit(nibble & 0xF, 16));
    }
}
