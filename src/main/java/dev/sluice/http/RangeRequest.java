package dev.sluice.http;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a {@code Range} field asks of a representation of known length (RFC 9110 §14.1.2, §14.2). */
public sealed interface RangeRequest {
    /** Nothing that is honoured here: the whole representation answers. */
    record Ignored() implements RangeRequest {}

    /** One range, cut at the end of the representation. */
    record Satisfiable(ByteRange range) implements RangeRequest {}

    /** A well-formed range without a byte in it. */
    record Unsatisfiable() implements RangeRequest {}

    /**
     * Reads the field against a length. Ignored are: an absent or malformed field, another unit than {@code bytes}
     * (compared without case, §14.1), a last position before the first, and more than one range, since a
     * server may ignore any Range (§14.2) and many ranges serve attacks more than clients.
     * Empty list members are no ranges: {@code bytes=0-9,} is one range (§5.6.1.2).
     *
     * <p>An empty representation has no byte to send: positions in it are unsatisfiable, but a suffix of non-zero
     * length is satisfiable by §14.1.2 and no Content-Range can express the result, so it is ignored.
     *
     * @param field the value, or null when there is none
     * @param total bytes of the representation
     */
    static RangeRequest parse(@Nullable String field, long total) {
        if (field == null) {
            return new Ignored();
        }
        if (!field.toLowerCase(Locale.ROOT).startsWith("bytes=")) {
            return new Ignored();
        }
        FieldScanner scanner = new FieldScanner(field.substring("bytes=".length()));
        scanner.skipSeparators();
        String first = scanner.takeDigits();
        if (!scanner.skip('-')) {
            return new Ignored();
        }
        String last = scanner.takeDigits();
        scanner.skipSeparators();
        if (!scanner.atEnd()) {
            return new Ignored();
        }
        return first.isEmpty() ? suffix(last, total) : positions(first, last, total);
    }

    private static RangeRequest suffix(String digits, long total) {
        if (digits.isEmpty()) {
            return new Ignored();
        }
        long length = saturated(digits);
        if (length == 0) {
            return new Unsatisfiable();
        }
        return total == 0 ? new Ignored() : new Satisfiable(new ByteRange(Math.max(0, total - length), total - 1));
    }

    private static RangeRequest positions(String firstDigits, String lastDigits, long total) {
        if (!lastDigits.isEmpty() && compare(lastDigits, firstDigits) < 0) {
            return new Ignored();
        }
        long first = saturated(firstDigits);
        if (first >= total) {
            return new Unsatisfiable();
        }
        long last = lastDigits.isEmpty() ? Long.MAX_VALUE : saturated(lastDigits);
        return new Satisfiable(new ByteRange(first, Math.min(last, total - 1)));
    }

    /** Compares numbers of any length, since the grammar sets no limit and 10,000 digits fit into a header. */
    private static int compare(String left, String right) {
        String a = withoutLeadingZeros(left);
        String b = withoutLeadingZeros(right);
        return a.length() == b.length() ? a.compareTo(b) : Integer.compare(a.length(), b.length());
    }

    /** The number, or {@link Long#MAX_VALUE} for anything greater: it lies beyond every end either way. */
    private static long saturated(String digits) {
        String significant = withoutLeadingZeros(digits);
        if (compare(significant, Long.toString(Long.MAX_VALUE)) > 0) {
            return Long.MAX_VALUE;
        }
        return significant.isEmpty() ? 0 : Long.parseLong(significant);
    }

    private static String withoutLeadingZeros(String digits) {
        int start = 0;
        while (start < digits.length() && digits.charAt(start) == '0') {
            start++;
        }
        return digits.substring(start);
    }
}
