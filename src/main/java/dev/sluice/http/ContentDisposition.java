package dev.sluice.http;

import java.nio.charset.StandardCharsets;

/**
 * {@code Content-Disposition: attachment} (RFC 6266) for a file name of any origin. Both forms are always sent: the
 * quoted ASCII {@code filename}, and {@code filename*} (RFC 8187), which clients prefer where they know it.
 *
 * @param filename the name to save as; what could leave a directory, end the header or disguise an extension is
 *                 replaced by {@code _}: separators, controls, bidirectional overrides, halves of surrogate pairs
 */
public record ContentDisposition(String filename) {
    private static final String HEX = "0123456789ABCDEF";

    public ContentDisposition {
        filename = harmless(filename);
    }

    public static ContentDisposition attachment(String filename) {
        return new ContentDisposition(filename);
    }

    /** The value of the header field; visible ASCII and spaces only. */
    @Override
    public String toString() {
        return "attachment; filename=\"" + fallback() + "\"; filename*=UTF-8''" + extended();
    }

    /** RFC 6266 Appendix D: no escapes, since clients disagree on backslashes, and no percent sign, which some decode. */
    private String fallback() {
        StringBuilder ascii = new StringBuilder();
        filename.codePoints()
                .map(c -> c > 0x7E || c == '"' || c == '%' ? '_' : c)
                .forEach(ascii::appendCodePoint);
        return ascii.toString();
    }

    private String extended() {
        StringBuilder encoded = new StringBuilder();
        for (byte octet : filename.getBytes(StandardCharsets.UTF_8)) {
            if (isAttributeCharacter(octet)) {
                encoded.append((char) octet);
            } else {
                encoded.append('%').append(HEX.charAt((octet >> 4) & 0xF)).append(HEX.charAt(octet & 0xF));
            }
        }
        return encoded.toString();
    }

    /** The attr-char of RFC 8187 §3.2.1. */
    private static boolean isAttributeCharacter(int c) {
        return (c >= '0' && c <= '9')
                || (c >= 'A' && c <= 'Z')
                || (c >= 'a' && c <= 'z')
                || "!#$&+-.^_`|~".indexOf(c) >= 0;
    }

    private static String harmless(String name) {
        StringBuilder harmless = new StringBuilder();
        name.codePoints().map(c -> isHarmful(c) ? '_' : c).forEach(harmless::appendCodePoint);
        String cleaned = harmless.toString().strip();
        // Neither names a file.
        return cleaned.isEmpty() || cleaned.equals(".") || cleaned.equals("..") ? "download" : cleaned;
    }

    private static boolean isHarmful(int c) {
        return c == '/' || c == '\\' || Character.isISOControl(c) || isLoneSurrogate(c) || isBidirectionalControl(c);
    }

    private static boolean isLoneSurrogate(int c) {
        return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
    }

    /** Marks, embeddings, overrides and isolates of Unicode's UAX #9, by which "exe.pdf" can be made of "fdp.exe". */
    private static boolean isBidirectionalControl(int c) {
        return c == 0x061C
                || c == 0x200E
                || c == 0x200F
                || (c >= 0x2028 && c <= 0x202E)
                || (c >= 0x2066 && c <= 0x2069);
    }
}
