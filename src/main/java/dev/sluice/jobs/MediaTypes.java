package dev.sluice.jobs;

import java.util.Locale;
import java.util.Map;

/** Media types of single files by extension; whatever a browser might run is a stream of octets. */
public final class MediaTypes {
    private static final String OCTETS = "application/octet-stream";
    private static final Map<String, String> BY_EXTENSION = Map.of(
            "csv", "text/csv; charset=utf-8",
            "json", "application/json",
            "log", "text/plain; charset=utf-8",
            "txt", "text/plain; charset=utf-8",
            "md", "text/plain; charset=utf-8");

    private MediaTypes() {}

    public static String of(String filename) {
        String extension = filename.substring(filename.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return BY_EXTENSION.getOrDefault(extension, OCTETS);
    }
}
