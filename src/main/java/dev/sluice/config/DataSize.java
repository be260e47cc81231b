package dev.sluice.config;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount of data.
 *
 * @param bytes zero or more
 */
public record DataSize(long bytes) implements Comparable<DataSize> {
    private static final Pattern FORM = Pattern.compile("(\\d{1,19}) ?([A-Za-z]*)");

    /** Largest first, powers of two before powers of ten, so that the first that divides is the shortest to read. */
    private static final List<Unit> UNITS = List.of(
            new Unit("TiB", 1L << 40),
            new Unit("GiB", 1L << 30),
            new Unit("MiB", 1L << 20),
            new Unit("KiB", 1L << 10),
            new Unit("TB", 1_000_000_000_000L),
            new Unit("GB", 1_000_000_000L),
            new Unit("MB", 1_000_000L),
            new Unit("kB", 1_000L),
            new Unit("KB", 1_000L),
            new Unit("B", 1L),
            new Unit("", 1L));

    public DataSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("a size is not negative");
        }
    }

    /**
     * Reads {@code 64KiB}, {@code 5GiB} (powers of 1024), {@code 10MB} (powers of 1000) or a plain number of bytes.
     *
     * @throws IllegalArgumentException for anything else; the message completes the sentence "'x' …"
     */
    public static DataSize parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException("is not a size such as 64KiB, 5GiB or 10MB");
        }
        for (Unit unit : UNITS) {
            if (unit.name.equals(form.group(2))) {
                try {
                    return new DataSize(Math.multiplyExact(Long.parseLong(form.group(1)), unit.bytes));
                } catch (NumberFormatException | ArithmeticException tooLarge) {
                    throw new IllegalArgumentException("is more than " + Long.MAX_VALUE + " bytes", tooLarge);
                }
            }
        }
        throw new IllegalArgumentException(
                "has an unknown unit; use KiB, MiB, GiB, TiB, kB, MB, GB, TB or none for bytes");
    }

    @Override
    public int compareTo(DataSize other) {
        return Long.compare(bytes, other.bytes);
    }

    /** The shortest exact form, which {@link #parse} reads back. */
    @Override
    public String toString() {
        for (Unit unit : UNITS) {
            if (bytes >= unit.bytes && bytes % unit.bytes == 0) {
                return bytes / unit.bytes + unit.name;
            }
        }
        return "0B";
    }

    private record Unit(String name, long bytes) {}
}
