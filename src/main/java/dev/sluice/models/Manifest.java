package dev.sluice.models;

import java.util.List;
import java.util.function.IntFunction;

/** Lists of a model's files for tools that verify them. */
final class Manifest {
    private Manifest() {}

    /** As {@code sha256sum} of GNU coreutils writes and checks it, with its escapes. */
    static String sha256sums(List<ModelFile> files) {
        StringBuilder sums = new StringBuilder();
        for (ModelFile file : files) {
            if (!file.isDirectory()) {
                String escaped =
                        file.path().replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
                sums.append(escaped.equals(file.path()) ? "" : "\\")
                        .append(file.content().orElseThrow().sha256())
                        .append("  ")
                        .append(escaped)
                        .append('\n');
            }
        }
        return sums.toString();
    }

    /**
     * A Metalink (RFC 5854).
     *
     * @param url absolute, of the file at a position
     */
    static String metalink(List<ModelFile> files, IntFunction<String> url) {
        StringBuilder xml = new StringBuilder("""
                <?xml version="1.0" encoding="UTF-8"?>
                <metalink xmlns="urn:ietf:params:xml:ns:metalink">
                """);
        for (int position = 0; position < files.size(); position++) {
            ModelFile file = files.get(position);
            if (!file.isDirectory()) {
                xml.append("  <file name=\"")
                        .append(escaped(file.path()))
                        .append("\">\n    <size>")
                        .append(file.size())
                        .append("</size>\n    <hash type=\"sha-256\">")
                        .append(file.content().orElseThrow().sha256())
                        .append("</hash>\n    <url>")
                        .append(escaped(url.apply(position)))
                        .append("</url>\n  </file>\n");
            }
        }
        return xml.append("</metalink>\n").toString();
    }

    /** XML 1.0 §2.2: what no document may contain becomes a replacement character. */
    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                default -> {
                    if (c < 0x20 || (c >= 0xD800 && c <= 0xDFFF) || c == 0xFFFE || c == 0xFFFF) {
                        escaped.append('\uFFFD');
                    } else {
                        escaped.appendCodePoint(c);
                    }
                }
            }
        });
        return escaped.toString();
    }
}
