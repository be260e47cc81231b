package dev.sluice.archive;

import java.nio.charset.StandardCharsets;

/**
 * The escape of {@link EntryName#archived}. Injective: an escaped character becomes {@code %XX}, and a literal {@code %(25)*XX} that
 * stands where that could have been written gains one {@code 25}, so the number of {@code 25}s tells the two apart.
 */
final class NameEscape {
    private static final String HEX = "0123456789ABCDEF";

    private final String path;
    private final StringBuilder out;
    private int segmentStart;

    NameEscape(String path) {
        this.path = path;
        this.out = new StringBuilder(path.length() + 16);
    }

    String escaped() {
        for (int i = 0; i < path.length(); ) {
            int c = path.codePointAt(i);
            if (mustEscape(c, i)) {
                escape(c);
            } else if (c == '%' && imitatesEscape(i)) {
                out.append("%25");
            } else {
                out.appendCodePoint(c);
            }
            i += Character.charCount(c);
            if (c == '/') {
                segmentStart = i;
            }
        }
        return out.toString();
    }

    private boolean mustEscape(int c, int at) {
        return c == '\\'
                || EntryName.isControl(c)
                || EntryName.isSurrogate(c)
                || (c == ':' && followsDriveLetter(at))
                || ((c == '.' || c == ' ') && startsBlankSegment(at, at + 1));
    }

    private boolean imitatesEscape(int at) {
        int hex = at + 1;
        while (path.startsWith("25", hex)) {
            hex += 2;
        }
        if (hex + 2 > path.length()) {
            return false;
        }
        int high = HEX.indexOf(path.charAt(hex));
        int low = HEX.indexOf(path.charAt(hex + 1));
        if (high < 0 || low < 0) {
            return false;
        }
        int decoded = high << 4 | low;
        return decoded == '\\'
                || decoded < 0x20
                || decoded >= 0x7F
                || (decoded == ':' && followsDriveLetter(at))
                || ((decoded == '.' || decoded == ' ') && startsBlankSegment(at, hex + 2));
    }

    private boolean followsDriveLetter(int at) {
        return at == 1 && EntryName.isLetter(path.charAt(0));
    }

    /** Whether {@code at} starts a segment of which everything from {@code rest} on is dots and spaces. */
    private boolean startsBlankSegment(int at, int rest) {
        if (at != segmentStart) {
            return false;
        }
        for (int i = rest; i < path.length() && path.charAt(i) != '/'; i++) {
            if (path.charAt(i) != '.' && path.charAt(i) != ' ') {
                return false;
            }
        }
        return true;
    }

    private void escape(int c) {
        if (EntryName.isSurrogate(c)) {
            // No UTF-8 for half a pair: the three bytes that the scheme would give it.
            percent(0xE0 | c >> 12);
            percent(0x80 | (c >> 6 & 0x3F));
            percent(0x80 | (c & 0x3F));
            return;
        }
        for (byte b : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
            percent(b & 0xFF);
        }
    }

    private void percent(int octet) {
        out.append('%').append(HEX.charAt(octet >> 4)).append(HEX.charAt(octet & 0xF));
    }
}
