package dev.sluice.archive;

import dev.sluice.archive.InvalidEntryName.Fault;
import java.nio.charset.StandardCharsets;

/**
 * A relative path inside an archive or a job, '/'-separated, without a leading or trailing '/'.
 *
 * <p>Names from clients come in by {@link #parse}, names found on disk by {@link #archived}; there is no third door, so whoever holds an
 * {@code EntryName} holds a path that leads nowhere outside.
 */
public final class EntryName implements Comparable<EntryName> {
    /** NAME_MAX of Linux file systems, in bytes of UTF-8. */
    private static final int MAX_SEGMENT_BYTES = 255;
    /** PATH_MAX of Linux, in bytes of UTF-8. */
    private static final int MAX_PARSED_BYTES = 4096;
    /** APPNOTE 4.4.10 counts a name in 16 bits; one byte is kept for the '/' that ends a directory's. */
    private static final int MAX_ARCHIVED_BYTES = 0xFFFF - 1;

    private final String value;
    private final int utf8Length;

    private EntryName(String value, int utf8Length) {
        this.value = value;
        this.utf8Length = utf8Length;
    }

    /**
     * Takes what a client sent, already percent-decoded by whoever read the URL: it is never decoded here, so {@code %2e%2e} is a
     * segment of six ordinary characters. Unicode's other dots and slashes are ordinary too.
     *
     * @throws InvalidEntryName when the name is empty, absolute, too long, not well-formed Unicode, holds an empty, {@code .} or
     *     {@code ..} segment, a backslash or a control character, or starts with a drive such as {@code C:}
     */
    public static EntryName parse(String untrusted) {
        if (untrusted.isEmpty()) {
            throw new InvalidEntryName(Fault.EMPTY);
        }
        if (untrusted.charAt(0) == '/' || startsWithDrive(untrusted)) {
            throw new InvalidEntryName(Fault.ABSOLUTE);
        }
        int length = utf8Length(untrusted);
        if (length > MAX_PARSED_BYTES) {
            throw new InvalidEntryName(Fault.TOO_LONG);
        }
        untrusted.codePoints().forEach(EntryName::requireOrdinary);
        for (String segment : untrusted.split("/", -1)) {
            requireSegment(segment);
        }
        return new EntryName(untrusted, length);
    }

    /**
     * Names a file or directory that exists: any path a Linux disk can hold, relative to the archive's root. Total and injective, so
     * two files never share a name, and the same path gets the same name everywhere.
     *
     * <p>What some reader takes for a separator, a root or a way up becomes {@code %XX} of its UTF-8 bytes: backslashes, control
     * characters, the colon of a leading drive letter, the first character of a segment that is nothing but dots and spaces (Windows
     * strips those from the end). A {@code %XX} that stands in the path itself is left alone unless it could be taken for one of
     * these; then its {@code %} becomes {@code %25}.
     *
     * @throws IllegalArgumentException when the path is not relative, has an empty segment, or is longer than a zip can say (65,534
     *     bytes, five times what PATH_MAX bytes escape to)
     */
    public static EntryName archived(String fromDisk) {
        if (fromDisk.isEmpty() || fromDisk.startsWith("/") || fromDisk.endsWith("/") || fromDisk.contains("//")) {
            throw new IllegalArgumentException("not a relative path of non-empty segments");
        }
        String name = new NameEscape(fromDisk).escaped();
        int length = utf8Length(name);
        if (length > MAX_ARCHIVED_BYTES) {
            throw new IllegalArgumentException("a path of " + length + " bytes does not fit into a zip");
        }
        return new EntryName(name, length);
    }

    public String value() {
        return value;
    }

    /** Length in bytes of UTF-8, without encoding. */
    int utf8Length() {
        return utf8Length;
    }

    byte[] utf8() {
        return value.getBytes(StandardCharsets.UTF_8);
    }

    static boolean startsWithDrive(String path) {
        return path.length() > 1 && path.charAt(1) == ':' && isLetter(path.charAt(0));
    }

    static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    /** C0, DEL and C1. */
    static boolean isControl(int codePoint) {
        return codePoint < 0x20 || (codePoint >= 0x7F && codePoint <= 0x9F);
    }

    static boolean isSurrogate(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }

    private static void requireOrdinary(int codePoint) {
        if (isControl(codePoint)) {
            throw new InvalidEntryName(Fault.CONTROL_CHARACTER);
        }
        if (codePoint == '\\') {
            throw new InvalidEntryName(Fault.BACKSLASH);
        }
        if (isSurrogate(codePoint)) {
            throw new InvalidEntryName(Fault.NOT_UNICODE);
        }
    }

    private static void requireSegment(String segment) {
        if (segment.isEmpty()) {
            throw new InvalidEntryName(Fault.EMPTY_SEGMENT);
        }
        if (segment.equals(".") || segment.equals("..")) {
            throw new InvalidEntryName(Fault.DOT_SEGMENT);
        }
        if (utf8Length(segment) > MAX_SEGMENT_BYTES) {
            throw new InvalidEntryName(Fault.SEGMENT_TOO_LONG);
        }
    }

    private static int utf8Length(String text) {
        int bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            // Each half of a surrogate pair stands for two of its four bytes.
            bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
        }
        return bytes;
    }

    /** By UTF-16 code unit: arbitrary, but the same on every replica. */
    @Override
    public int compareTo(EntryName other) {
        return value.compareTo(other.value);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EntryName name && name.value.equals(value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return value;
    }
}
