package dev.sluice.ui;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** HTML with values at {@code {{name}}}, which may be anywhere but in a script, a style or an unquoted attribute. */
record Template(String html) {
    private static final Pattern VALUE = Pattern.compile("\\{\\{([a-z]+)}}");

    static Template resource(String name) {
        return new Template(Assets.text(name));
    }

    /** A part that is HTML itself, and ours. */
    Template with(String name, Template part) {
        return new Template(html.replace("{{" + name + "}}", part.html));
    }

    /** Every value is text. Each name must have one. */
    String fill(Map<String, String> values) {
        return VALUE.matcher(html)
                .replaceAll(found -> Matcher.quoteReplacement(escape(requireNonNull(values.get(found.group(1))))));
    }

    /** HTML Standard §13.1: what ends a text or a quoted attribute. */
    private static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.append(c);
            }
        }
        return escaped.toString();
    }
}
